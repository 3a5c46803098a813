using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Gives each good row its person's account, in batches: the one that the organisation's earlier lists know the person by, or a new
/// random one. Where a row has the household's number in the organisation's register, that alone decides; telephone numbers and the like
/// pass from one person to another.
/// </summary>
internal sealed class ListRows(ISideStore side, IMatchingStore matching, IRandomSource random, Id organisation, Id list, PersonSpool spool)
{
    private const int BatchMax = 4_000;

    private static readonly IdentifierKind[] ByStrength = [IdentifierKind.ReferenceId, IdentifierKind.NationalId, IdentifierKind.Phone, IdentifierKind.Email];

    private readonly HashSet<Id> matched = [];
    private List<Pending> batch = new(BatchMax);
    private Task taking = Task.CompletedTask;
    private long rows;

    /// <summary>Rows whose person was known before.</summary>
    public long Known { get; private set; }

    /// <summary>Takes a row; its clear identifiers are dropped here.</summary>
    public async ValueTask AddAsync(ListRow row, CancellationToken cancellationToken)
    {
        batch.Add(new Pending(row.Line, row.AmountMinor, row.HouseholdSize ?? 1, row.Site ?? "", Lookups(row.Identifiers), Remembered(row.Identifiers)));
        if (batch.Count == BatchMax)
        {
            // The stores take one batch while the file is read on; never more than one, or memory would grow.
            await taking;
            (var full, batch) = (batch, new List<Pending>(BatchMax));
            taking = Task.Run(() => TakeAsync(full, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Takes what is left.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await taking;
        await TakeAsync(batch, cancellationToken);
        batch = [];
    }

    /// <summary>Waits until nothing is written any more, however that ends: before the rows of a refused list are deleted.</summary>
    public async Task StopAsync() => await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task TakeAsync(List<Pending> batch, CancellationToken cancellationToken)
    {
        var known = await matching.FindAsync(organisation, [.. batch.SelectMany(row => row.Lookups)], cancellationToken);
        var entries = new List<ListRowEntry>(batch.Count);
        foreach (var row in batch)
        {
            var found = Find(row, known);
            var person = found ?? new KnownPerson(NewId(), NewId());
            foreach (var identifier in row.Remembered)
            {
                await spool.AddAsync(identifier, person, cancellationToken);
            }

            entries.Add(new ListRowEntry(rows++, person.Account, person.Household, row.AmountMinor, row.Size, row.Site, found is null, row.FileLine));
        }

        await side.AddRowsAsync(list, entries, cancellationToken);
    }

    /// <summary>The known person whom no earlier row of this list is: two rows never share an account.</summary>
    private KnownPerson? Find(Pending row, IReadOnlyDictionary<Hash32, KnownPerson> known)
    {
        foreach (var lookup in row.Lookups)
        {
            if (known.TryGetValue(lookup, out var person) && matched.Add(person.Account))
            {
                Known++;
                return person;
            }
        }

        return null;
    }

    private static Hash32[] Lookups(IReadOnlyList<Identifier> identifiers)
    {
        var household = identifiers.Where(identifier => identifier.Kind == IdentifierKind.HouseholdId).ToArray();
        return household.Length > 0
            ? [PersonSpool.NameOf(household[0])]
            : [.. ByStrength.SelectMany(kind => identifiers.Where(identifier => identifier.Kind == kind)).Select(PersonSpool.NameOf)];
    }

    /// <summary>What later lists may find the person by. A payment's number identifies nobody, and its collector's document several households.</summary>
    private static Hash32[] Remembered(IReadOnlyList<Identifier> identifiers)
    {
        var ofPayments = identifiers.Any(identifier => identifier.Kind == IdentifierKind.PaymentId)
            && identifiers.Any(identifier => identifier.Kind == IdentifierKind.HouseholdId);
        return
        [
            .. identifiers
                .Where(identifier => identifier.Kind != IdentifierKind.PaymentId && !(ofPayments && identifier.Kind == IdentifierKind.NationalId))
                .Select(PersonSpool.NameOf),
        ];
    }

    private Id NewId()
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }

    private sealed record Pending(long FileLine, long AmountMinor, int Size, string Site, Hash32[] Lookups, Hash32[] Remembered);
}
