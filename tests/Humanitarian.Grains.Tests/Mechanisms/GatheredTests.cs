using System.Threading.Channels;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>Single questions that are asked together.</summary>
public sealed class GatheredTests
{
    private readonly Channel<(IReadOnlyList<int> Questions, TaskCompletionSource<IReadOnlyList<string>> Answers)> asked =
        Channel.CreateUnbounded<(IReadOnlyList<int>, TaskCompletionSource<IReadOnlyList<string>>)>();

    private readonly Gathered<int, string> gathered;

    public GatheredTests() => gathered = new Gathered<int, string>(questions =>
    {
        var answers = new TaskCompletionSource<IReadOnlyList<string>>();
        asked.Writer.TryWrite((questions, answers));
        return answers.Task;
    });

    [Fact]
    public async Task Questions_that_arrive_while_one_is_under_way_are_asked_together_after_it()
    {
        var first = gathered.AskAsync(1);
        Task<string>[] later = [gathered.AskAsync(2), gathered.AskAsync(3), gathered.AskAsync(2)];
        Assert.Equal("one", await AnsweredAsync(first, [1], "one"));
        Assert.Equal(["two", "three", "two again"], await AnsweredAsync(Task.WhenAll(later), [2, 3, 2], "two", "three", "two again"));
        Assert.Equal("four", await AnsweredAsync(gathered.AskAsync(4), [4], "four"));
    }

    [Fact]
    public async Task A_fault_reaches_those_who_were_asked_for_together_and_nobody_later()
    {
        var first = gathered.AskAsync(1);
        var second = gathered.AskAsync(2);
        (await asked.Reader.ReadAsync(TestContext.Current.CancellationToken)).Answers.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        Assert.Equal("two", await AnsweredAsync(second, [2], "two"));
    }

    private async Task<T> AnsweredAsync<T>(Task<T> question, int[] together, params string[] answers)
    {
        var next = await asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(together, next.Questions);
        next.Answers.SetResult(answers);
        return await question;
    }
}
