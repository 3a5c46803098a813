using System.Collections.Concurrent;
using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.GraphQL;

/// <summary>What never changes on a ledger, read once: its signing domain and its units.</summary>
public sealed class LedgerInfo(LedgerReader reader)
{
    private readonly ConcurrentDictionary<string, UnitRecord> units = new();
    private LedgerDomain? domain;

    public async Task<LedgerRecord> RecordAsync() =>
        await reader.ListAsync<LedgerRecord>(RecordKind.Ledger, null, null, 1) is [var record]
            ? record
            : throw new InvalidDataException("The ledger has no genesis.");

    public async Task<LedgerDomain> DomainAsync() => domain ??= new LedgerDomain((await RecordAsync()).Id);

    /// <summary>A unit, or null; units never change once defined.</summary>
    public async Task<UnitRecord?> UnitAsync(string code)
    {
        if (units.TryGetValue(code, out var known))
        {
            return known;
        }

        var found = UnitRecord.IsCode(code) ? (await reader.FindAsync<UnitRecord>(RecordKind.Unit, UnitRecord.IdOf(code))).Record : null;
        return found is null ? null : units.GetOrAdd(code, found);
    }
}
