using Humanitarian.Domain;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage;

namespace Humanitarian.Api.GraphQL;

/// <summary>Faults that pass by themselves: a silo, the sequencer or the database is away for a moment.</summary>
internal static class Passing
{
    /// <summary>What a command is answered when it cannot be known what became of it.</summary>
    public static Refusal Unknown { get; } =
        new(RefusalCode.Unknown, "The outcome is not known yet; ask again with the same idempotency key.");

    public static bool Is(Exception fault) => fault switch
    {
        TimeoutException or OrleansException => true,
        LedgerFault ledger => ledger.Code is RefusalCode.Retry or RefusalCode.ClockSkew,
        StorageFault storage => storage.Code == StorageFaultCode.Unreachable,
        _ => false,
    };
}
