using System.Globalization;
using System.Text;
using Humanitarian.Domain;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>People arrive: field offices send lists of newcomers all day, each imported with duplicate detection and enrolled.</summary>
internal static class RegistrationSurge
{
    /// <summary>Households of one list.</summary>
    public const int RowsInList = 200;

    private const int Offices = 4;

    public static Scenario Scenario { get; } = new(
        "registration-surge",
        "Four offices upload lists of 200 households over HTTP and enrol them; one request is one list, imported and enrolled.",
        "WFP SCOPE registered 40,600 households in ten days; World Vision's LMMS took 5,067 people at one site in 2.5 hours (34 a minute).",
        async (settings, status, cancellationToken) =>
        {
            var run = await VoucherRun.StartAsync(settings with { Accounts = 1 }, status, cancellationToken);
            return new Prepared
            {
                Request = number => RegisterAsync(run, number), Simulations = [LoadSimulation.KeepConstant(Offices, settings.Duration)], Probe = run.Ledger.Levels.Read,
                MeasuringAsync = run.Ledger.CatchUpAsync,
                VerifyAsync = async meter =>
                {
                    var aftermath = await run.VerifyAsync(meter);
                    var rate = new Dictionary<string, double>(aftermath.Metrics) { ["households_in_lists"] = meter.Ok * RowsInList };
                    return aftermath with { Metrics = rate };
                },
                CleanAsync = run.CleanAsync, Thresholds = ["failed <= 0"],
            };
        });

    /// <summary>One list, with people who are in no other.</summary>
    public static async ValueTask<Response> RegisterAsync(VoucherRun run, long number)
    {
        using var content = GraphQlClient.Csv(Rows(number));
        var (ok, answer) = await run.Office.PostAsync($"/lists?program={Names.Program}", content);
        using var _ = answer;
        if (!ok)
        {
            return Response.Refused(answer.RootElement.GetProperty("code").GetString()!);
        }

        if (answer.RootElement.GetProperty("rows").GetInt64() != RowsInList)
        {
            return Response.Failed("ROWS");
        }

        var list = Id.Parse(answer.RootElement.GetProperty("listId").GetString()!);
        var enrolled = await run.Ledger.Commands.EnrolAsync(VoucherProgram.Context(Names.Administrator, "surge " + Names.Text(number)), Names.Program, list);
        return enrolled.Refusal is { } refusal ? Response.Refused(refusal.Code) : Response.Ok;
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
