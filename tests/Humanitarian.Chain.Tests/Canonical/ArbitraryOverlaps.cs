using Humanitarian.Domain.Overlaps;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Chain.Tests.Canonical;

internal sealed partial class Arbitrary
{
    private IEnumerable<Record> OverlapRecords() =>
    [
        new OverlapRecord(Id(), Side(), Side(), Flag(), Long(), Long(), Id(), Text()),
        new OverlapMarkRecord(Id(), Id(), List(_ => Id())),
        new MatchingTallyRecord(Id(), random.Next(), random.Next()),
    ];

    private OverlapSide Side() => new(Id(), Id(), (OverlapOpinion)random.Next(0, 4), Text(), Id(), Flag());
}
