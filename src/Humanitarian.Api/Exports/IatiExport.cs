using System.Text.RegularExpressions;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Microsoft.AspNetCore.Http;

namespace Humanitarian.Api.Exports;

/// <summary>What is asked for, and what IATI wants to know that the ledger does not.</summary>
/// <param name="Reporter">The reporting organisation's IATI identifier, such as KE-NCB-12345.</param>
/// <param name="ReporterType">Code of IATI's list of organisation types; 90 (other) when not given.</param>
/// <param name="Country">ISO 3166 code of the recipient country; left out when not given.</param>
/// <param name="Sector">DAC purpose code such as 72010; left out when not given.</param>
internal sealed partial record IatiRequest(Id Program, string Reporter, string ReporterType, string? Country, string? Sector)
{
    public const string Form =
        "Name the program, and as reporter your organisation's IATI identifier such as KE-NCB-12345; reporterType is two digits, country two capital letters, sector five digits.";

    /// <summary>Null when something is wrong.</summary>
    public static IatiRequest? Of(IQueryCollection query)
    {
        string Text(string name, string absent = "") => query[name].ToString() is { Length: > 0 } text ? text : absent;
        var (type, country, sector) = (Text("reporterType", "90"), Text("country"), Text("sector"));
        return Id.TryParse(Text("program"), out var program) && Organisation().IsMatch(Text("reporter")) && type.Length == 2 && type.All(char.IsAsciiDigit)
            && (country.Length == 0 || (country.Length == 2 && country.All(char.IsAsciiLetterUpper)))
            && (sector.Length == 0 || (sector.Length == 5 && sector.All(char.IsAsciiDigit)))
                ? new IatiRequest(program, Text("reporter"), type, country.Length == 0 ? null : country, sector.Length == 0 ? null : sector)
                : null;
    }

    [GeneratedRegex(@"\A[A-Z]{2,3}-[A-Za-z0-9]+(-[A-Za-z0-9._-]{1,60})\z")]
    private static partial Regex Organisation();
}

/// <summary>A grant as an activity shows it.</summary>
/// <param name="Donor">The donor's name.</param>
/// <param name="Receipts">When money came in, in Unix milliseconds, and how much, in minor units of the grant's currency.</param>
/// <param name="Spent">What left to people and shops, by disbursement, as donors are told it, in minor units of the program's currency.</param>
internal sealed record IatiGrant(
    GrantRecord Grant, string Donor, int Exponent, IReadOnlyList<(long At, long AmountMinor)> Receipts, IReadOnlyList<IatiSpending> Spent, long ReturnedMinor);

/// <summary>What left to people and shops under one disbursement, or several small ones together.</summary>
/// <param name="Disbursement">Null for several.</param>
internal sealed record IatiSpending(DisbursementRecord? Disbursement, long AmountMinor);

/// <summary>A program as an IATI activity.</summary>
/// <param name="At">The moment of the newest block: cumulated figures are of this day.</param>
internal sealed record IatiActivity(
    IatiRequest Request, ProgramRecord Program, string Organisation, int Exponent, int LeastHouseholds, DateTimeOffset At, IReadOnlyList<IatiGrant> Grants);

/// <summary>
/// Gathers what a program publishes: its grants, what came in, and what left to people and shops as donors are told it. Its own
/// organisation publishes all grants, a donor sees their own.
/// </summary>
public sealed partial class IatiExport(Access access, LedgerReader reader, LedgerCommands commands, LedgerInfo ledger, HumanitarianApiOptions options)
{
    private const int GrantsMax = 1_000;

    /// <summary>NOT_FOUND for what is not to be seen; UNIT_MISMATCH for what does not count money.</summary>
    internal async Task<Outcome<IatiActivity>> OfAsync(IatiRequest request, CancellationToken cancellationToken)
    {
        if (await access.ProgramAsync(request.Program) is not { } program)
        {
            return NotFound;
        }

        if (!Currency().IsMatch(program.Unit))
        {
            return new Refusal(RefusalCode.UnitMismatch, "IATI takes money; this program counts something else.", "program");
        }

        var grants = new List<IatiGrant>();
        foreach (var grant in await reader.ListAsync<GrantRecord>(RecordKind.Grant, program.Id, null, GrantsMax, cancellationToken))
        {
            if (await access.GrantAsync(grant.Id) is not null && await commands.TraceForDonorAsync(grant.Id, options.LeastHouseholds, cancellationToken) is { } trace)
            {
                grants.Add(await GrantAsync(grant, trace, cancellationToken));
            }
        }

        return grants.Count == 0 || await reader.HeadAsync(cancellationToken) is not { } head
            ? NotFound
            : new IatiActivity(
                request, program, await NameAsync(program.Organisation), await ExponentAsync(program.Unit), options.LeastHouseholds,
                DateTimeOffset.FromUnixTimeMilliseconds(head.Time), grants);
    }

    private async Task<IatiGrant> GrantAsync(GrantRecord grant, TraceNode trace, CancellationToken cancellationToken)
    {
        var receipts = new List<(long, long)>();
        foreach (var receipt in trace.Children.Where(child => child.Local is null))
        {
            var lot = await access.FindAsync<LotRecord>(RecordKind.Lot, receipt.Id) ?? throw new InvalidDataException("A receipt has no lot.");
            receipts.Add((lot.OpenedAt, receipt.DonatedMinor));
        }

        // Converted money is told in the program's currency, in which it left.
        var spent = new List<IatiSpending>();
        foreach (var disbursement in trace.Children.SelectMany(receipt => (receipt.Local ?? receipt).Children).GroupBy(part => part.Id))
        {
            var amount = disbursement.Sum(part => part.SettledMinor + part.DeliveredMinor);
            if (amount > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                spent.Add(new IatiSpending(await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement.Key), amount));
            }
        }

        return new IatiGrant(grant, await NameAsync(grant.Donor), await ExponentAsync(grant.Unit), receipts, spent, trace.ReturnedMinor);
    }

    private async Task<string> NameAsync(Id organisation) => (await access.FindAsync<OrganisationRecord>(RecordKind.Organisation, organisation))?.Name ?? "";

    private async Task<int> ExponentAsync(string code) =>
        await ledger.UnitAsync(code) is { } unit ? unit.Exponent : throw new InvalidDataException($"The unit {code} is not defined.");

    private static Refusal NotFound { get; } = new(RefusalCode.NotFound, "There is no such program with grants that you may see.", "program");

    [GeneratedRegex(@"\A[A-Z]{3}\z")]
    private static partial Regex Currency();
}
