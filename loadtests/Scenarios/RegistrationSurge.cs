using System.Globalization;
using System.Net;
using System.Text;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>People arrive: field offices send lists of newcomers all day, each imported with duplicate detection and enrolled.</summary>
internal static class RegistrationSurge
{
    /// <summary>Households of one list.</summary>
    public const int RowsInList = 200;

    private const int Offices = 4;
    private static readonly string Enrol = GraphQlClient.Mutation("enrolBeneficiaries", "EnrolBeneficiariesInput");

    public static Scenario Scenario { get; } = new(
        "registration-surge",
        "Four offices upload lists of 200 households over HTTP and enrol them; one request is one list, imported and enrolled.",
        "WFP SCOPE registered 40,600 households in ten days after Nepal's earthquake of 2015.",
        (settings, status, cancellationToken) => VoucherRun.PrepareAsync(
            settings with { Accounts = 1 },
            status,
            run => Task.FromResult(new Prepared
            {
                Request = number => RegisterAsync(run, number), Simulations = [LoadSimulation.KeepConstant(Offices, settings.Duration)], Probe = run.Ledger.Levels.Read,
                MeasuringAsync = run.Ledger.CatchUpAsync,
                VerifyAsync = async meter =>
                {
                    var aftermath = await run.VerifyAsync(meter);
                    var rate = new Dictionary<string, double>(aftermath.Metrics) { ["households_in_lists"] = meter.Ok * RowsInList };
                    return aftermath with { Metrics = rate };
                },
                CleanAsync = run.CleanAsync, Thresholds = ["failed <= 0", "refused <= 0"],
            }),
            cancellationToken)) { Always = [("target", "http")] };

    /// <summary>One list, with people who are in no other.</summary>
    public static async ValueTask<Response> RegisterAsync(VoucherRun run, long number)
    {
        using var content = GraphQlClient.Csv(Rows(number));
        var (status, answer) = await run.Office.PostAsync($"/lists?program={Names.Program}", content);
        using var _ = answer;
        if (status != HttpStatusCode.OK)
        {
            var code = answer.RootElement.GetProperty("code").GetString()!;
            return status >= HttpStatusCode.InternalServerError ? Response.Failed(code) : Response.Refused(code);
        }

        if (answer.RootElement.GetProperty("rows").GetInt64() != RowsInList)
        {
            return Response.Failed("ROWS");
        }

        var list = answer.RootElement.GetProperty("listId").GetString();
        return await run.Office.MutateAsync(Enrol, "enrolBeneficiaries", new { idempotencyKey = "surge " + Names.Text(number), programId = Names.Program.ToString(), listId = list });
    }

    private static string Rows(long number)
    {
        var text = new StringBuilder("household_id,size,amount,phone\n");
        for (var row = 0; row < RowsInList; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"surge-{number}-{row},4,25.00,+2549{(((number * RowsInList) + row) * 7_368_787 % 10_000_000):D7}1\n");
        }

        return text.ToString();
    }
}
