using System.CommandLine;
using Humanitarian.LoadTests;

var accounts = new Option<int>("--accounts") { Description = "Beneficiaries who redeem.", DefaultValueFactory = _ => 10_000 };
var inFlight = new Option<int>("--in-flight") { Description = "Redemptions under way at any time (closed model).", DefaultValueFactory = _ => 500 };
var seconds = new Option<int>("--seconds") { Description = "How long to measure, after a warm-up of a tenth of it.", DefaultValueFactory = _ => 20 };
var run = new Command("run", "Runs a scenario, then verifies the ledger; exit code 1 when anything is lost.");
var redemptions = new Command("redemptions", "Beneficiaries redeem at one vendor through their account grains, in process, on SQLite with full sync.")
{
    accounts, inFlight, seconds,
};
redemptions.SetAction((parsed, cancellationToken) =>
    Redemptions.RunAsync(parsed.GetValue(accounts), parsed.GetValue(inFlight), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellationToken));
run.Add(redemptions);
return await new RootCommand("Load tests of the ledger.") { run }.Parse(args).InvokeAsync();
