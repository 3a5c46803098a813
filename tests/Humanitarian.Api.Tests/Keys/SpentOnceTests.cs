using Humanitarian.Api.Keys;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Api.Tests.Keys;

/// <summary>How long what may be used once is remembered.</summary>
public sealed class SpentOnceTests
{
    [Fact]
    public async Task Silo_whose_clock_is_ahead_forgets_nothing_that_another_still_takes()
    {
        var (cancel, folder) = (TestContext.Current.CancellationToken, Directory.CreateTempSubdirectory("humanitarian-spent-").FullName);
        await using (var files = await SqliteStorage.OpenAsync(folder, cancellationToken: cancel))
        {
            var (time, until) = (new ShiftedTime(), TimeProvider.System.GetUtcNow().AddSeconds(10));
            var spent = new SpentOnce(files.Side, time);
            Assert.True(await spent.SpendAsync("nonce", until, cancel));
            time.Shift = TimeSpan.FromSeconds(40);
            Assert.True(await spent.SpendAsync("another", until.AddHours(1), cancel));
            Assert.False(await spent.SpendAsync("nonce", until, cancel));

            // Nobody's clock is so far off that it would be taken still.
            time.Shift = TimeSpan.FromSeconds(100);
            Assert.True(await spent.SpendAsync("a third", until.AddHours(1), cancel));
            Assert.Equal(2, (await files.Side.ListAsync("spent", null, null, 10, cancel)).Count);
        }

        Directory.Delete(folder, true);
    }
}
