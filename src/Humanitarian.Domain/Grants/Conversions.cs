using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Grants;

/// <summary>What a bank did with a part of a grant.</summary>
/// <param name="FromMinor">What it took, in minor units of the donor's currency.</param>
/// <param name="ToMinor">What it paid out, in minor units of the program's currency.</param>
/// <param name="Rate">The rate agreed beforehand (see <see cref="ExchangeRate"/>); the bank's own where none was.</param>
/// <param name="OnDay">Value date, in days since 1970.</param>
/// <param name="Evidence">Hash of the bank's advice.</param>
public sealed record ConvertCommand(Id Grant, long FromMinor, long ToMinor, string Rate, long OnDay, Hash32 Evidence);

/// <summary>
/// Money of a grant in the donor's currency becomes money of the same grant in the program's: receipts' lots leave the ledger first in
/// first out, a lot in the program's currency enters. What the bank paid out more or less than at the agreed rate is the exchange
/// difference, a flow of its own.
/// </summary>
public static class Conversions
{
    /// <param name="lot">Id of the lot to open.</param>
    public static Outcome<Transaction> Decide(ConvertCommand command, Id lot, DecisionScope scope, ILedgerView view)
    {
        if (command.FromMinor <= 0 || command.ToMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "Both amounts must be positive.", "amountMinor");
        }

        if (view.Grant(command.Grant).Record is not { } grant || view.Program(grant.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");
        }

        if (ProgramClosures.Refuse(program) is { } closed)
        {
            return closed;
        }

        if (view.Book(program.Pool) is not { } pool || LotChoice.Take(LotChoice.OfGrant(pool, grant.Id, grant.Unit, view), command.FromMinor) is not { } sources)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The grant does not have enough left in its own currency.", "from");
        }

        var value = ValueOf(command, grant.Unit, program.Unit, view);
        if (value.Refusal is { } refusal)
        {
            return refusal;
        }

        var record = new ConversionRecord(
            lot, grant.Id, grant.Unit, command.FromMinor, sources, program.Unit, command.ToMinor, command.Rate, value.Value, command.OnDay, command.Evidence);
        return Decision.Complete(
            scope.Draft(TransactionKind.Conversion, namesPersons: false) with
            {
                Program = program.Id,
                Subject = grant.Id,
                Evidence = command.Evidence.IsZero ? [] : [command.Evidence],
                Postings = Postings(record, program),
                Writes = [new RecordWrite(1, record), new RecordWrite(1, Opened(record, program, scope.Now))],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Grant(transaction.Subject).Record is not { Active: true } grant || view.Program(grant.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active grant.", "grant");
        }

        if (grant.Unit == program.Unit)
        {
            return new Refusal(RefusalCode.UnitMismatch, "The grant is in the program's currency already; there is nothing to convert.", "from");
        }

        if (transaction.Writes is not [{ Version: 1, Record: ConversionRecord record }, { Version: 1, Record: LotRecord lot }]
            || (record.Grant, record.FromUnit, record.ToUnit) != (grant.Id, grant.Unit, program.Unit) || transaction.Program != program.Id
            || lot with { Parts = record.Sources } != Opened(record, program, transaction.DecidedAt) with { Parts = record.Sources } || lot.Parts.Count > 0
            || !IsTaken(record, view) || !transaction.Postings.SequenceEqual(Postings(record, program)))
        {
            return Checks.Broken("A conversion takes receipts' lots of its grant and opens one lot in the program's currency.");
        }

        return Terms(transaction, record, view)
            ?? FirstInFirstOut(record, program, view)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }

    /// <summary>What follows for lots: the sources are converted, and the difference is lost or gained, in the donor's minor units.</summary>
    internal static IEnumerable<FlowChange> Flows(Transaction transaction)
    {
        if (transaction.Writes is not [{ Record: ConversionRecord record }, ..])
        {
            return [];
        }

        FlowChange[] differences = [new(record.Id, LotFlow.ExchangeLoss, record.LossMinor), new(record.Id, LotFlow.ExchangeGain, record.GainMinor)];
        return
        [
            .. record.Sources.Select(part => new FlowChange(part.Lot, LotFlow.Converted, part.AmountMinor)),
            .. differences.Where(difference => difference.AmountMinor > 0),
        ];
    }

    private static bool IsTaken(ConversionRecord record, ILedgerView view)
    {
        Int128 sum = 0;
        foreach (var part in record.Sources)
        {
            sum += part.AmountMinor;
            if (part.AmountMinor <= 0 || view.Lot(part.Lot) is not { IsReceipt: true } lot || lot.Origin != record.Grant || lot.Unit != record.FromUnit)
            {
                return false;
            }
        }

        return sum == record.FromMinor && record.FromMinor > 0 && record.ToMinor > 0
            && record.Sources.Select(part => part.Lot).Distinct().Count() == record.Sources.Count;
    }

    private static Refusal? Terms(Transaction transaction, ConversionRecord record, ILedgerView view)
    {
        if (record.OnDay < 0 || record.OnDay > Limits.DayOf(transaction.DecidedAt) + 1)
        {
            return new Refusal(RefusalCode.InvalidInput, "A conversion is recorded once the bank has made it.", "on");
        }

        if (record.Evidence.IsZero || !transaction.Evidence.SequenceEqual([record.Evidence]))
        {
            return new Refusal(RefusalCode.InvalidInput, "A conversion needs the hash of the bank's advice.", "evidence");
        }

        var value = ValueOf(
            new ConvertCommand(record.Grant, record.FromMinor, record.ToMinor, record.Rate, record.OnDay, record.Evidence), record.FromUnit, record.ToUnit, view);
        return value.Refusal ?? (value.Value == record.ValueMinor ? null : Checks.Broken("A conversion's value is not that of its rate."));
    }

    private static Refusal? FirstInFirstOut(ConversionRecord record, ProgramRecord program, ILedgerView view) =>
        view.Book(program.Pool) is { } pool
        && LotChoice.Take(LotChoice.OfGrant(pool, record.Grant, record.FromUnit, view), record.FromMinor)?.SequenceEqual(record.Sources) != true
            ? new Refusal(RefusalCode.InsufficientFunds, "A grant is converted first-in first-out, as far as it goes.", "from")
            : null;

    /// <summary>The worth of what was paid out. What the rate gives to the nearest minor unit is no difference, though it be rounded.</summary>
    private static Outcome<long> ValueOf(ConvertCommand command, string from, string to, ILedgerView view)
    {
        if (ExchangeRate.Parse(command.Rate) is not { } rate)
        {
            return new Refusal(RefusalCode.InvalidInput, "A rate is a positive decimal number such as 129.35, of at most 18 digits.", "rate");
        }

        if (view.Unit(from) is not { } donors || view.Unit(to) is not { } programs)
        {
            return new Refusal(RefusalCode.UnitUnknown, "There is no such unit.", "from");
        }

        try
        {
            var value = rate.Convert(command.FromMinor, donors.Exponent, programs.Exponent) == command.ToMinor
                ? command.FromMinor
                : rate.ConvertBack(command.ToMinor, donors.Exponent, programs.Exponent);
            return value > 0 ? value : new Refusal(RefusalCode.InvalidInput, "At this rate what the bank paid out is worth nothing.", "rate");
        }
        catch (OverflowException)
        {
            return new Refusal(RefusalCode.AmountOverflow, "At this rate the amounts do not fit the ledger's 64 bits.", "rate");
        }
    }

    private static LotRecord Opened(ConversionRecord record, ProgramRecord program, long now) =>
        new(record.Id, program.Id, record.Grant, program.Unit, record.ToMinor, [], long.MaxValue, now);

    private static IReadOnlyList<Posting> Postings(ConversionRecord record, ProgramRecord program) =>
    [
        .. new PairedMove(Side.Available(program.Pool), Side.Available(WorldAccount.IdOf(record.FromUnit)), record.FromUnit, record.Sources).Postings(),
        .. new PairedMove(
            Side.Available(WorldAccount.IdOf(record.ToUnit)), Side.Available(program.Pool), record.ToUnit, [new LotPart(record.Id, record.ToMinor)]).Postings(),
    ];
}
