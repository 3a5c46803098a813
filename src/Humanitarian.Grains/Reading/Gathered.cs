namespace Humanitarian.Grains.Reading;

/// <summary>
/// Gathers questions about one thing each: those that arrive while one is under way are asked together. A storm of accounts that wake up at
/// once then costs a few reads of the database instead of thousands.
/// </summary>
/// <param name="ask">Answers many questions, in their order.</param>
public sealed class Gathered<TQuestion, TAnswer>(Func<IReadOnlyList<TQuestion>, Task<IReadOnlyList<TAnswer>>> ask)
{
    private readonly Lock gate = new();
    private Task<IReadOnlyList<TAnswer>> running = Task.FromResult<IReadOnlyList<TAnswer>>([]);
    private (List<TQuestion> Questions, Task<IReadOnlyList<TAnswer>> Answers)? next;

    /// <summary>The answer at some moment after the call; fails as those that it was asked with.</summary>
    public async Task<TAnswer> AskAsync(TQuestion question)
    {
        Task<IReadOnlyList<TAnswer>> answers;
        var place = 0;
        lock (gate)
        {
            if (next is null && running.IsCompleted)
            {
                answers = running = ask([question]);
            }
            else
            {
                var questions = next?.Questions ?? [];
                next ??= (questions, AfterAsync(running, questions));
                questions.Add(question);
                (answers, place) = (next.Value.Answers, questions.Count - 1);
            }
        }

        return (await answers)[place];
    }

    private async Task<IReadOnlyList<TAnswer>> AfterAsync(Task before, List<TQuestion> questions)
    {
        // Never completes inside the lock that stores its task.
        await Task.Yield();
        try
        {
            await before;
        }
        catch (Exception)
        {
            // Who asked that has its own answer.
        }

        Task<IReadOnlyList<TAnswer>> mine;
        lock (gate)
        {
            next = null;
            running = mine = ask(questions);
        }

        return await mine;
    }
}
