using System.Collections.Concurrent;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>The random commands of cash through a provider; which exist depends on what the life has brought about.</summary>
internal static class CashSteps
{
    // Which lines a disbursement's chunks have cannot be read from the ledger, so it is remembered by its id, which names it.
    private static readonly ConcurrentDictionary<Id, (string Name, Line[][] Chunks)> Lists = new();

    private static Outcome<Transaction>? Nothing => null;

    public static Outcome<Transaction>? Decide(Step step, World world, int number) => step.Act switch
    {
        Act.ApproveCash => Approve(step, world, number),
        Act.ApproveFollowUp => step.B < 4 ? FollowUp(step, world, number) : OnTop(step, world, number),
        Act.ReleaseCash => Any(world, step) is { } d ? world.TryRelease(Lists[d.Id].Name) : Nothing,
        Act.Instruct => Any(world, step) is { } d
            ? Instructions.Decide(d.Id, step.B % 2, Lists[d.Id].Chunks[step.B % Lists[d.Id].Chunks.Length], [], world.Scope(Id.None), world.State) : Nothing,
        Act.Report => Any(world, step) is { } d && Reports(step, world, d) is { Length: > 0 } reports
            // A file is its content: the same lines again are the same file, other lines another.
            ? world.TryReconcile(World.Finance, d.Id, string.Join(';', reports), reports) : Nothing,
        Act.Recall => Any(world, step) is { } d ? Recalls.Decide(d.Id, [.. LinesOf(world, d).Select(line => line.Id)], world.Scope(Id.None), world.State) : Nothing,
        Act.DecideContradiction => All<ContradictionRecord>(world) is { Length: > 0 } all
            ? Corrections.Decide(
                all[((step.A * 8) + step.C) % all.Length].Id, step.B < 5, "STATEMENT", [world.Sign(World.Finance)], world.Scope(World.Finance, $"case {number}"), world.State)
            : Nothing,
        Act.Fee => Any(world, step) is { } d
            ? GrantOutflows.DecideFee(CashWorld.Grant, "fees", d.Id, step.AmountMinor, World.HashOf("invoice"), world.Scope(World.Finance, $"fee {number}"), world.State) : Nothing,
        Act.ExportFile => Any(world, step) is { } d
            ? InstructionFiles.Decide(
                new InstructionFileRecord(InstructionFileRecord.IdOf(d.Id, World.HashOf($"file {number}")), d.Id, World.HashOf($"file {number}"), "own", 1, 1, Id.None),
                world.Scope(World.Releaser), world.State) : Nothing,
        _ => Completions.Decide(Any(world, step)?.Id ?? Id.None, world.Scope(step.B < 3 ? Id.None : World.Releaser), world.State),
    };

    private static Outcome<Transaction> Approve(Step step, World world, int number)
    {
        var name = $"cash {number} {step.A} {step.B} {step.C} {step.AmountMinor}";
        var amount = Math.Clamp(step.AmountMinor, 1, 6_000);
        Line[][] chunks =
        [
            .. Enumerable.Range(0, 1 + (step.B % 2)).Select(chunk => Enumerable.Range(0, 1 + ((step.A + chunk) % 3))
                .Select(line => World.LineOf((step.C + (2 * line) + chunk) % 7, amount + line)).ToArray()),
        ];
        return Draft(world, name, $"2026-{step.C % 4}", Id.None, chunks);
    }

    // Mostly exactly what is left, sometimes more.
    private static Outcome<Transaction>? FollowUp(Step step, World world, int number)
    {
        if (Any(world, step) is not { } first)
        {
            return Nothing;
        }

        Line[] lines =
        [
            .. LinesOf(world, first).Where(line => line.RestMinor > 0).OrderBy(line => line.Id)
                .Select(line => new Line(line.Account, line.Household, line.RestMinor + (step.B == 3 ? 1 : 0), World.IdOf($"salt {number} {line.Id}"))),
        ];
        return lines.Length == 0 ? Nothing : Draft(world, $"follow-up {number} {first.Id}", first.Period, first.Id, [lines]);
    }

    // A top-up, instalment or retroactive list on top of another, sometimes of nothing.
    private static Outcome<Transaction>? OnTop(Step step, World world, int number)
    {
        if (Any(world, step) is not { } first)
        {
            return Nothing;
        }

        var amount = Math.Clamp(step.AmountMinor, 1, 6_000);
        Line[] lines = [.. LinesOf(world, first).OrderBy(line => line.Id).Select(line => new Line(line.Account, line.Household, amount, World.IdOf($"salt {number} {line.Id}")))];
        return lines.Length == 0
            ? Nothing
            : Draft(world, $"on top {number} {first.Id} {amount}", first.Period, step is { B: 7, C: 7 } ? Id.None : first.Id, [lines], PurposeSteps.Of(Math.Max(5, step.B)));
    }

    private static Outcome<Transaction> Draft(
        World world, string name, string period, Id followsUp, Line[][] chunks, DisbursementPurpose purpose = DisbursementPurpose.Regular)
    {
        Lists[World.IdOf(name)] = (name, chunks);
        return world.TryApprove(CashWorld.CashDraft(name, period, followsUp, world.Now + (90 * World.Minute), chunks) with { Purpose = purpose });
    }

    private static Report[] Reports(Step step, World world, DisbursementRecord disbursement) =>
    [
        .. LinesOf(world, disbursement).OrderBy(line => line.Id).Where((_, at) => step.B > 5 || at % 2 == step.B % 2).Select((line, at) =>
        {
            var delivered = ((step.B + at) % 3) switch
            {
                0 => line.AmountMinor,
                1 => Math.Clamp(step.AmountMinor, 0, line.AmountMinor),
                _ => 0,
            };
            return new Report(line.Id, delivered + (step is { B: 7, C: 7 } ? line.AmountMinor : 0), "WALLET_CLOSED");
        }),
    ];

    private static DisbursementRecord? Any(World world, Step step)
    {
        DisbursementRecord[] all = [.. All<DisbursementRecord>(world).Where(d => d.Cash is not null && Lists.ContainsKey(d.Id))];
        return all.Length == 0 ? null : all[((step.A * 8) + step.C) % all.Length];
    }

    private static CashLineRecord[] LinesOf(World world, DisbursementRecord disbursement) =>
        [.. All<CashLineRecord>(world).Where(line => line.Disbursement == disbursement.Id)];

    private static T[] All<T>(World world)
        where T : Record => [.. world.State.Records.Select(entry => entry.Record).OfType<T>()];
}
