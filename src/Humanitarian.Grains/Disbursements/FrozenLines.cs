using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Grains.Disbursements;

/// <summary>
/// A frozen list as deliveries look into it. It is read once however many ask together: requests of a grain interleave, and a camp whose
/// network is back sends hundreds at once.
/// </summary>
internal sealed class FrozenLines(FrozenList list)
{
    // 32 KB each: a list of half a million lines. Of a longer one the oldest goes: people come site by site, as lists are ordered.
    private const int TreesMax = 1_024;
    private readonly Dictionary<int, Task<Line[]?>> chunks = [];
    private readonly Dictionary<int, OzTree.BuiltTree> trees = [];
    private readonly Queue<int> built = [];
    private Task<Dictionary<Id, (int Chunk, int Index)>>? places;

    /// <summary>The lines of a chunk, or null when the list's rows are gone.</summary>
    public async Task<Line[]?> ChunkAsync(int chunk)
    {
        if (!chunks.TryGetValue(chunk, out var reading))
        {
            chunks[chunk] = reading = list.LinesAsync(chunk);
        }

        var kept = false;
        try
        {
            var lines = await reading;
            kept = lines is not null;
            return lines;
        }
        finally
        {
            if (!kept)
            {
                chunks.Remove(chunk);
            }
        }
    }

    /// <summary>Where an account's line is, or null when the list has none.</summary>
    public async Task<(int Chunk, int Index)?> PlaceOfAsync(Id account)
    {
        var reading = places ??= PlacesAsync();
        try
        {
            return (await reading).TryGetValue(account, out var place) ? place : null;
        }
        catch
        {
            places = null;
            throw;
        }
    }

    /// <summary>Shows that a line is in its chunk.</summary>
    public Hash32[] Proof(int chunk, Line[] chunkLines, int index)
    {
        if (!trees.TryGetValue(chunk, out var tree))
        {
            if (built.Count == TreesMax)
            {
                trees.Remove(built.Dequeue());
            }

            trees[chunk] = tree = OzTree.Built(AuthorityChecks.LeavesOf(chunkLines));
            built.Enqueue(chunk);
        }

        return tree.ProofOf(AuthorityChecks.LeafOf(chunkLines[index]));
    }

    private async Task<Dictionary<Id, (int Chunk, int Index)>> PlacesAsync()
    {
        var found = new Dictionary<Id, (int, int)>();
        for (var chunk = 0; chunk < list.Chunks; chunk++)
        {
            var loaded = await ChunkAsync(chunk) ?? [];
            for (var index = 0; index < loaded.Length; index++)
            {
                found.TryAdd(loaded[index].Account, (chunk, index));
            }
        }

        return found;
    }
}
