using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>The draw of an auditor's sample: the documented vector, and that every line is as likely as any other.</summary>
public sealed class SampleDrawTests
{
    private static readonly Hash32 Root = Hash32.Parse("0x" + new string('1', 64));
    private static readonly Id Nonce = Id.Parse(new string('3', 32));
    private static readonly Hash32 Secret = Hash32.Parse("0x" + new string('2', 64));

    [Fact]
    public void The_documented_vector_is_drawn()
    {
        var seed = SampleDraw.SeedOf(Root, Nonce, Secret);
        Assert.Equal("0x477d8963b2a75558638b8c1f20453b3c7f027c629369e1635699067a3b1e430b", seed.ToString());
        Assert.Equal("163 301 1545 4959 5226 5737 7707 9448", string.Join(' ', SampleDraw.Draw(seed, 10_000, 8).Select(place => place + 1)));
    }

    [Fact]
    public void As_many_different_lines_as_asked_for_are_drawn_or_all()
    {
        foreach (var (lines, count) in new[] { (1L, 1), (5L, 9), (100L, 99), (3_000_000L, 1_000) })
        {
            var drawn = SampleDraw.Draw(World.HashOf($"{lines}"), lines, count);
            Assert.Equal(Math.Min(lines, count), drawn.Distinct().LongCount());
            Assert.All(drawn, place => Assert.InRange(place, 0, lines - 1));
            Assert.Equal(drawn.Order(), drawn);
        }

        Assert.Equal([0, 1, 2, 3, 4], SampleDraw.Draw(World.HashOf("all"), 5, 5));
    }

    [Fact]
    public void No_line_is_likelier_than_another()
    {
        var counts = new int[7];
        for (var number = 0; number < 7_000; number++)
        {
            foreach (var place in SampleDraw.Draw(World.HashOf($"fair {number}"), 7, 2))
            {
                counts[place]++;
            }
        }

        // 2,000 are expected of each, with a standard deviation of 38.
        Assert.All(counts, count => Assert.InRange(count, 1_750, 2_250));
    }
}
