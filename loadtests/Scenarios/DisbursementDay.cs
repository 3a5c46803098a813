using System.Net;
using System.Net.Http.Headers;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Pay day: a list from a CSV file to paid and queryable, each stage timed as a whole.</summary>
internal static class DisbursementDay
{
    private const int YemenHouseholds = 1_500_000;
    private const int StatementsRead = 1_000;

    // Assumed: nobody publishes how many of a list's rows come twice.
    private const int GoodForADuplicate = 1_000;

    // A list of the whole country is to be paid within ten minutes; a short one's beginning is most of its time.
    private const int LongList = 100_000;

    public static Scenario Scenario { get; } = new(
        "disbursement-day",
        "A list of 1.5 million households (--lines) from CSV, one row in 1,000 a duplicate: import with validation and duplicate detection, enrolment, validation, approval, release to the last line durable, all statements queryable.",
        "Yemen's emergency cash transfers: 1.43 million households in each cycle (UNICEF, October 2024), wanted within ten minutes; the ESSN paid 311,430 households in one day (IFRC, August 2020).",
        InitAsync) { Always = [("target", "http for the import, inproc for the rest")] };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var lines = settings.Lines ?? YemenHouseholds;
        return VoucherRun.PrepareAsync(settings with { Accounts = lines }, status, run => PrepareAsync(run, lines, settings.Seed, status, cancellationToken), cancellationToken);
    }

    private static async Task<Prepared> PrepareAsync(VoucherRun run, int lines, int seed, Action<string> status, CancellationToken cancellationToken)
    {
        status($"writing a list of {lines:N0} invented households, and one duplicate for each {GoodForADuplicate:N0}");
        var path = Path.Combine(run.Store.Folder, "list.csv");
        await using (var file = File.Create(path))
        {
            await ListGenerator.WriteAsync(file, new ListGeneratorOptions { Households = lines, Duplicates = lines / GoodForADuplicate, Seed = seed }, cancellationToken);
        }

        var day = new Day(run, path, lines, seed);
        return new Prepared
        {
            Stages =
            [
                new Stage("import", "rows", day.ImportAsync), new Stage("enrol", "rows", day.EnrolAsync), new Stage("validate", "lines", day.ValidateAsync),
                new Stage("release_to_durable", "lines", day.PayAsync), new Stage("statements_queryable", "lines", day.QueryableAsync),
            ],
            Probe = run.Ledger.Levels.Read,
            VerifyAsync = async meter =>
            {
                var aftermath = await run.VerifyAsync(meter);
                return aftermath with { Checks = [.. aftermath.Checks, .. day.Checks] };
            },
            CleanAsync = run.CleanAsync,
            Thresholds = lines >= LongList ? ["release_to_durable.per_second >= 2500", "statements_queryable.seconds <= 60"] : [],
        };
    }

    private sealed class Day(VoucherRun run, string path, int lines, int seed)
    {
        private Id list;
        private long totalMinor;
        private Id disbursement;
        private DisbursementStatus? paid;
        private long shown;
        private long refused;

        public IEnumerable<Check> Checks =>
        [
            new Check("every line is paid", paid?.PaidLines == lines, $"{paid?.PaidLines:N0} of {lines:N0}"),
            new Check("every duplicate was found", refused == lines / GoodForADuplicate, $"{refused:N0} of {lines / GoodForADuplicate:N0}"),
            new Check("what was paid is the list's total", paid?.PaidMinor == totalMinor, $"{paid?.PaidMinor:N0} of {totalMinor:N0} minor units"),
            new Check("statements show their payment to the cent", shown == StatementsRead, $"{shown:N0} of {StatementsRead:N0} looked at"),
        ];

        public async Task<long> ImportAsync(CancellationToken cancellationToken)
        {
            await using var file = File.OpenRead(path);
            using var content = new StreamContent(file);
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            var (status, answer) = await run.Office.PostAsync($"/lists?program={Names.Program}", content, cancellationToken);
            using var _ = answer;
            if (status != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"The list was not taken: {answer.RootElement}");
            }

            list = Id.Parse(answer.RootElement.GetProperty("listId").GetString()!);
            refused = answer.RootElement.GetProperty("refused").GetInt64();
            totalMinor = long.Parse(answer.RootElement.GetProperty("totalMinor").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            return answer.RootElement.GetProperty("rows").GetInt64() + refused;
        }

        public async Task<long> EnrolAsync(CancellationToken cancellationToken)
        {
            VoucherProgram.Done(await run.Ledger.Commands.EnrolAsync(VoucherProgram.Context(Names.Administrator, "enrol day"), Names.Program, list));
            return lines;
        }

        public async Task<long> ValidateAsync(CancellationToken cancellationToken)
        {
            disbursement = await run.Program.ValidateAsync(list, lines, totalMinor, inPerson: false);
            return lines;
        }

        public async Task<long> PayAsync(CancellationToken cancellationToken)
        {
            await run.Program.ReleaseAsync(list, disbursement);
            paid = await run.Program.PaidAsync(disbursement, cancellationToken);
            return lines;
        }

        /// <summary>The projections have everything, and statements of random accounts, as an office would open them, show it.</summary>
        public async Task<long> QueryableAsync(CancellationToken cancellationToken)
        {
            await run.Ledger.CatchUpAsync();
            var feed = Feeds.Uniform(lines, (ulong)seed + 30);
            for (var look = 0; look < StatementsRead; look++)
            {
                var rows = await run.Store.Stores.Side.RowsAsync(list, feed(look), 1, cancellationToken);
                var entries = await run.Ledger.Reader.StatementAsync(rows[0].Account, null, 10, cancellationToken);
                shown += entries.Sum(entry => entry.AvailableMinor) == rows[0].AmountMinor ? 1 : 0;
            }

            return lines;
        }
    }
}
