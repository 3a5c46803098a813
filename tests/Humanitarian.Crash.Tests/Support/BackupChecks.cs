namespace Humanitarian.Crash.Tests.Support;

/// <summary>What every backup must keep, whichever store it comes from or goes to.</summary>
internal static class BackupChecks
{
    private const int Before = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Backs up while clients go on; returns what was acknowledged before the backup began.</summary>
    public static async Task<IReadOnlyList<Command>> BackUpUnderLoadAsync(Load load, Uri server, params string[] arguments)
    {
        var loading = load.RunAsync(server);
        await load.AnsweredAsync(Before, Patience);
        var acknowledged = load.Issued.Where(command => command.Known.Fate == Fate.Done).ToArray();
        Assert.NotEmpty(acknowledged);
        var answered = load.Answers;
        var (code, text) = await ServerProcess.RunAsync(["backup", .. arguments]);
        Assert.True(code == 0, text);
        await load.AnsweredAsync(1, Patience);
        Assert.True(load.Answers > answered, "The server answered nobody beside the backup.");
        load.End();
        await loading.WaitAsync(Patience);
        Assert.Empty(load.Faults);
        return acknowledged;
    }

    /// <summary>Every earlier key answers its first outcome, and a voucher is redeemed.</summary>
    public static async Task GoesOnAsync(Uri server, VoucherWorld world, IReadOnlyList<Command> acknowledged, string run)
    {
        await Reconciliation.RunAsync([server], world, acknowledged);
        await new Load(world, 1, run).RedeemOnceAsync(server, 5);
    }
}
