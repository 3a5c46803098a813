using System.Buffers;
using System.Buffers.Text;
using Humanitarian.Domain;

namespace Humanitarian.Grains.Accounts;

/// <summary>
/// References to account grains. Orleans finds a grain's type by reflection at every call of GetGrain, which takes longer than the
/// call itself; here it is found once.
/// </summary>
public sealed class AccountGrains(IGrainFactory grains)
{
    private readonly Lazy<(GrainType Grain, GrainInterfaceType Interface)> types = new(() =>
    {
        var any = grains.GetGrain<IAccountGrain>(Id.None.ToString());
        return (any.GetGrainId().Type, ((GrainReference)any).InterfaceType);
    });

    public IAccountGrain Of(Id account)
    {
        var key = new byte[2 * Id.Size];
        Utf8Formatter.TryFormat(account.High, key, out _, new StandardFormat('x', Id.Size));
        Utf8Formatter.TryFormat(account.Low, key.AsSpan(Id.Size), out _, new StandardFormat('x', Id.Size));
        return (IAccountGrain)grains.GetGrain(new GrainId(types.Value.Grain, new IdSpan(key)), types.Value.Interface);
    }
}
