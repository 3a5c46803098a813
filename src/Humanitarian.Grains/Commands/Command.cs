using System.Collections.Frozen;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>A pure decision: choose and check, on a view, with the signatures at hand.</summary>
internal delegate Outcome<Transaction> Decide(DecisionScope scope, ILedgerView view, IReadOnlyList<Authorisation> signatures);

/// <summary>A command as its grain runs it.</summary>
/// <param name="Context">Null for the ledger's own due work.</param>
internal sealed record Command(CommandContext? Context, Decide Decide)
{
    /// <summary>Chunks and sweeps, which take at most half of a block.</summary>
    public bool Bulk { get; init; }

    /// <summary>True when nothing may be reserved on the account meanwhile: it tightens its limits or gives its rest back.</summary>
    public bool Drains { get; init; }

    /// <summary>True when the decision falls if the account gets another entry before it is ordered.</summary>
    public bool JudgesHistory { get; init; }

    /// <summary>Other accounts that the decision answers for, each with its lease: a sweep's holders.</summary>
    public IReadOnlyList<Lease> Leases { get; init; } = [];

    public IReadOnlyDictionary<Id, AccountBook> Books { get; init; } = FrozenDictionary<Id, AccountBook>.Empty;

    public IReadOnlyDictionary<(Id, LotFlow), long> Flows { get; init; } = FrozenDictionary<(Id, LotFlow), long>.Empty;

    /// <summary>A disbursement whose lot's flows the decision asks for, read when nothing is reserved on the account any more; none for others.</summary>
    public Id FlowsOfSubject { get; init; }

    /// <summary>What the decision will surely ask for, read all at once: a list's chunk. Null for most, which ask as they go.</summary>
    public Needs? Needs { get; init; }

    /// <summary>Asked before the decision, once nothing is reserved on the account: a refusal ends it. Null for most.</summary>
    public Func<Task<Refusal?>>? Before { get; init; }

    /// <summary>What a taken claim means to the caller.</summary>
    public Func<Transaction, Claim[], Refusal>? Taken { get; init; }
}

/// <summary>Records and accounts that a decision surely asks for.</summary>
/// <param name="Credited">Accounts that are credited; their records are among <paramref name="Records"/>.</param>
internal sealed record Needs(IReadOnlyCollection<RecordKey> Records, IReadOnlyList<Id> Credited)
{
    /// <summary>What is on the ledger of a person on a program's list.</summary>
    public static RecordKey[] OfPerson(Id program, Id account, Id household) =>
        [new(RecordKind.Account, account), new(RecordKind.Household, household), new(RecordKind.Enrolment, EnrolmentRecord.IdOf(program, account))];
}

/// <summary>How a command ended, with what the sequencer said for those who decide again.</summary>
internal sealed record Ran(CommandResult Result, Transaction? Transaction, SubmitResult? Submitted);
