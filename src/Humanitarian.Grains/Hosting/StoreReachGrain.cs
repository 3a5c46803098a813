using Humanitarian.Storage.Blocks;

namespace Humanitarian.Grains.Hosting;

/// <summary>Tells one silo whether another reaches the store; its key is the other's address, where its caller asks for it to be placed.</summary>
[Alias("IStoreReachGrain")]
public interface IStoreReachGrain : IGrainWithStringKey
{
    /// <summary>True when the silo of that address reads the store now; false when it does not, or when the grain had to live elsewhere.</summary>
    [Alias("Reaches")]
    Task<bool> ReachesAsync();
}

/// <summary>Reads the head of the log where it lives.</summary>
internal sealed class StoreReachGrain(IBlockStore blocks, ILocalSiloDetails silo, TimeProvider time) : Grain, IStoreReachGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<bool> ReachesAsync()
    {
        if (this.GetPrimaryKeyString() != silo.SiloAddress.ToParsableString())
        {
            return false;
        }

        try
        {
            await blocks.HeadAsync().WaitAsync(Patience, time);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
