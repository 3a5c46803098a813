using Humanitarian.Domain;
using Humanitarian.Domain.Cash;

namespace Humanitarian.Grains.Reading;

/// <summary>What is open between a cash disbursement and its provider.</summary>
public sealed partial class LedgerReader
{
    /// <summary>Lines that a report contradicts while nobody has decided: they may have been paid, or not, after all.</summary>
    public async Task<IReadOnlySet<Id>> ContradictedAsync(Id disbursement, CancellationToken cancellationToken = default) =>
        (await AllAsync<ContradictionRecord>(RecordKind.Contradiction, disbursement, cancellationToken))
            .Where(found => found.State == ContradictionState.Open).Select(found => found.Line).ToHashSet();
}
