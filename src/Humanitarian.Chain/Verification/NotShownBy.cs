namespace Humanitarian.Chain.Verification;

/// <summary>The sentences in which a verification says what it cannot show.</summary>
internal static class NotShownBy
{
    private const string Rewritten = "No genesis hash or remembered head was given: a wholly rewritten chain would look the same.";
    private const string Truncated = "No remembered head was given: blocks missing at the end would not be noticed.";
    private const string NotInAChain = "That acknowledged work survives a crash and that reads are current (invariants 6 and 10) is not in a chain.";

    public static IReadOnlyList<string> Replay(VerificationOptions options, bool openOnly, ulong? lastMissing)
    {
        var sentences = Remembered(options);
        if (openOnly)
        {
            sentences.Add(
                $"Closed parts up to height {lastMissing ?? 0} are deleted: persons' balances, limits, enrolments and entry numbers, "
                + "chunks' lines, deliveries' signatures, sums over all accounts and the recomputation of claims are not judged.");
        }
        else if (options.ClaimKey is null)
        {
            sentences.Add("No claim key was given: claims are checked to be unique, not to be those of what happened.");
        }

        sentences.Add("Clients' command keys are theirs alone: that a key stands for its command is not recomputed.");
        sentences.Add(NotInAChain);
        return sentences;
    }

    public static IReadOnlyList<string> PublicExport(VerificationOptions options)
    {
        var sentences = Remembered(options);
        sentences.Add("What touches persons' accounts is bare hashes: its amounts, rules, claims and signatures are not judged.");
        sentences.Add("The sums in cells are the operator's statement; hashes do not bind them.");
        sentences.Add("Balances and limits of organisations' accounts, which persons' payments change, are not judged.");
        sentences.Add(NotInAChain);
        return sentences;
    }

    private static List<string> Remembered(VerificationOptions options) =>
        options.Head is not null ? []
        : options.GenesisHash is not null ? [Truncated]
        : [Rewritten];
}
