using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Mutations that are done together or not at all. They wait for one another: the last to arrive hands all of them to the ledger. Each key is bound to all
/// of them, so that sending them again is one repetition, and one of them alone or among others a conflict.
/// </summary>
internal sealed class AtomicUnit(LedgerCommands commands, int count)
{
    private readonly UnitPart?[] parts = new UnitPart?[count];
    private readonly TaskCompletionSource<CommandResult[]> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int missing = count;

    /// <summary>Runs a mutation that takes this place.</summary>
    public async Task<T> RunAsync<T>(int index, Func<UnitPlace, Task<T>> one)
    {
        try
        {
            return await one(new UnitPlace(this, index));
        }
        finally
        {
            // It was refused before it came to a command.
            if (parts[index] is null)
            {
                Arrive(index, new UnitPart(null, _ => Refuse.With(new Refusal(RefusalCode.NotDone, "It was refused."))));
            }
        }
    }

    internal async Task<CommandResult> JoinAsync(int index, UnitPart part)
    {
        Arrive(index, part);
        return (await outcome.Task)[index];
    }

    private void Arrive(int index, UnitPart part)
    {
        parts[index] = part;
        if (Interlocked.Decrement(ref missing) == 0)
        {
            _ = EndAsync();
        }
    }

    private async Task EndAsync()
    {
        try
        {
            outcome.SetResult(await commands.TogetherAsync(Bound()));
        }
        catch (Exception fault)
        {
            outcome.SetException(fault);
        }
    }

    private UnitPart[] Bound()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(part!.Context?.Key ?? "")));
            hash.AppendData((part.Context?.Content ?? Hash32.Zero).ToArray());
        }

        var all = hash.GetHashAndReset();
        return Array.ConvertAll(parts, part => part! with
        {
            Context = part.Context is { } own ? own with { OfUnit = true, Content = Hash32.FromSpan(SHA256.HashData([.. own.Content.ToArray(), .. all])) } : null,
        });
    }
}

/// <summary>The place of a mutation in its unit.</summary>
internal sealed class UnitPlace(AtomicUnit unit, int index)
{
    /// <param name="command">Gets the context whose key is bound to all of the unit.</param>
    public Task<CommandResult> RunAsync(CommandContext context, Func<CommandContext, Task<CommandResult>> command) =>
        unit.JoinAsync(index, new UnitPart(context, bound => command(bound!)));
}
