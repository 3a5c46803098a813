using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>
/// What one decision needs beside the silo's cache: many records, what was paid for a period, which claims were taken when. Loaded anew for every decision; a record that
/// others changed or a claim that they took meanwhile refuses it at its ordered place.
/// </summary>
internal sealed class LoadedFacts
{
    // A command of one person asks for a dozen records, which the next one asks for again; a list's chunk for thousands, once.
    private const int Many = 100;

    /// <summary>Records of which the decision needs too many for the silo's cache.</summary>
    public Dictionary<RecordKey, Versioned<Record>> Records { get; } = [];

    public Dictionary<(Id Account, Id Program, string Period), PaidSoFar> Paid { get; } = [];

    /// <summary>Where claims were taken, as a number that grows with the order of the ledger; null for one that is not.</summary>
    public Dictionary<Claim, ulong?> Claims { get; } = [];

    /// <summary>Accounts to be credited, as the projections had them.</summary>
    public SeenAccount[] Credited { get; private set; } = [];

    /// <summary><see cref="Credited"/> holds all blocks below this height.</summary>
    public ulong CreditedBelow { get; private set; } = ulong.MaxValue;

    /// <summary>Loads what a decision will surely ask for.</summary>
    public static async Task<LoadedFacts> OfAsync(Needs needs, LedgerReader reader)
    {
        var facts = new LoadedFacts();
        var records = reader.Records.ReadAsync(needs.Records);
        var entries = needs.Credited.Count == 0 ? null : reader.LastEntriesAsync(needs.Credited);
        await Task.WhenAll(records, entries ?? Task.CompletedTask);
        foreach (var (record, found) in await records)
        {
            facts.Records[record] = found;
        }

        if (entries is null)
        {
            return facts;
        }

        var last = await entries;
        var numbers = last.Value.ToDictionary(one => one.Account, one => one.Number);
        facts.CreditedBelow = last.Height is { } height ? height + 1 : 0;
        facts.Credited = [.. needs.Credited.Distinct().Select(account => SeenAccount.Of(
            account, AccountHead.Of(numbers.GetValueOrDefault(account), (AccountRecord?)facts.Records[new RecordKey(RecordKind.Account, account)].Record)))];
        return facts;
    }

    /// <summary>Loads all that a view was asked for and did not have.</summary>
    public async Task LoadAsync(WorkingView view, LedgerReader reader, ClaimKey key)
    {
        if (view.Missing.Count > Many)
        {
            foreach (var (record, found) in await reader.Records.ReadAsync(view.Missing))
            {
                Records[record] = found;
            }
        }
        else if (view.Missing.Count > 0)
        {
            await reader.Records.LoadAsync(view.Missing);
        }

        if (view.Wanted.Claims.Count > 0)
        {
            var taken = await reader.ClaimsAsync([.. view.Wanted.Claims]);
            foreach (var claim in view.Wanted.Claims)
            {
                Claims[claim] = taken.TryGetValue(claim, out var place) ? (place.Height << 20) + (ulong)place.Position : null;
            }
        }

        foreach (var period in view.Wanted.Paid.GroupBy(entry => (entry.Program, entry.Period)))
        {
            foreach (var (account, paid) in await reader.PaidAsync([.. period.Select(entry => entry.Account)], period.Key.Program, period.Key.Period, key))
            {
                Paid[(account, period.Key.Program, period.Key.Period)] = paid;
            }
        }
    }

    /// <summary>What a view was asked for and did not have.</summary>
    internal sealed class Wanted
    {
        public HashSet<(Id Account, Id Program, string Period)> Paid { get; } = [];

        public HashSet<Claim> Claims { get; } = [];
    }
}
