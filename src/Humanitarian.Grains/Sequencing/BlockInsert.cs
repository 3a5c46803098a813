using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Sequencing;

/// <summary>The commit is one insert. While its outcome is unknown it is repeated byte for byte.</summary>
internal sealed partial class BlockInsert(SequencerServices services)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(200);

    // Longer than a commit takes on a disk that is busy with a checkpoint.
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the store may fail before this sequencer ends: it may be out of reach from here alone, and another silo must get its
    /// chance. That one's first block settles what is in doubt here.
    /// </summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    /// <summary>True when the block is durable, false when its height holds another.</summary>
    /// <param name="transactions">How many it holds, for the measurements.</param>
    /// <exception cref="Exception">The store stays away: whether the block is durable is unknown.</exception>
    public async Task<bool> CommitAsync(FollowedBlock block, int transactions)
    {
        var header = block.Block.Header;
        var stored = new StoredBlock(header.Height, block.Hash, header.Previous, BlockCodec.Encode(block.Block));
        var began = services.Time.GetTimestamp();
        while (true)
        {
            try
            {
                var isDurable = await AppendAsync(stored) == AppendResult.Durable;
                if (isDurable)
                {
                    services.Telemetry.Committed(transactions, stored.Bytes.Length, services.Time.GetElapsedTime(began));
                }

                return isDurable;
            }
            catch (Exception fault)
            {
                LogUnknown(services.Logger, header.Height, fault);
                if (services.Time.GetElapsedTime(began) > GiveUpAfter)
                {
                    throw;
                }

                services.Telemetry.InsertRepeated();
            }

            await Task.Delay(RepeatAfter, services.Time);
        }
    }

    private async Task<AppendResult> AppendAsync(StoredBlock stored)
    {
        try
        {
            return await services.Blocks.AppendAsync(stored).WaitAsync(HangsAfter, services.Time);
        }
        catch (TimeoutException)
        {
            throw new LedgerFault(RefusalCode.Retry, "The store has taken no block for too long; ask again.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Block {Height}: the outcome of its insert is unknown.")]
    private static partial void LogUnknown(ILogger logger, ulong height, Exception fault);
}
