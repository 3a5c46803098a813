namespace Humanitarian.Api;

/// <summary>
/// What one request, one member and one address may ask of the API. A cost is counted in fields: each field of an operation counts one,
/// one that reads or changes the ledger ten, and what lies in a list as often as the list may be long.
/// </summary>
public sealed record ApiLimits
{
    private const int Most = 10_000_000;

    /// <summary>Most bytes of a GraphQL request.</summary>
    public int BodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Most words, numbers, strings and punctuators of a document.</summary>
    public int Tokens { get; init; } = 5_000;

    /// <summary>Most fields, fragments, directives and arguments of a document.</summary>
    public int Nodes { get; init; } = 1_000;

    /// <summary>Most levels of fields within fields.</summary>
    public int Depth { get; init; } = 20;

    /// <summary>Most fields and fragments side by side.</summary>
    public int Breadth { get; init; } = 100;

    /// <summary>Most aliases of a document.</summary>
    public int Aliases { get; init; } = 50;

    /// <summary>Most directives of a document.</summary>
    public int Directives { get; init; } = 50;

    /// <summary>Most that one operation may cost.</summary>
    public int Cost { get; init; } = 50_000;

    /// <summary>What a member may spend at once after a rest.</summary>
    public int Budget { get; init; } = 10_000_000;

    /// <summary>What is given back to a member's budget each second.</summary>
    public int BudgetPerSecond { get; init; } = 1_000_000;

    /// <summary>How long a query may take. A mutation takes as long as it needs: its outcome is never lost.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a file may be on its way to the server.</summary>
    public TimeSpan UploadTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What a request costs that is no GraphQL: a file, either way.</summary>
    internal int FileCost => Math.Min(10_000, Cost);

    /// <summary>How many requests of one address may fail to authenticate in a row. Requests with a good key are never counted.</summary>
    public int FailedLogins { get; init; } = 60;

    /// <summary>How many of those are forgiven each second.</summary>
    public int FailedLoginsPerSecond { get; init; } = 1;

    /// <summary>The first limit that makes no sense, by its name and with what it should be; null when all do.</summary>
    public (string Setting, string Advice)? Wrong()
    {
        (string, int)[] positive =
        [
            (nameof(BodyBytes), BodyBytes), (nameof(Tokens), Tokens), (nameof(Nodes), Nodes), (nameof(Depth), Depth), (nameof(Breadth), Breadth), (nameof(Cost), Cost),
            (nameof(Budget), Budget), (nameof(BudgetPerSecond), BudgetPerSecond), (nameof(FailedLogins), FailedLogins), (nameof(FailedLoginsPerSecond), FailedLoginsPerSecond),
        ];
        foreach (var (name, value) in positive)
        {
            if (value is < 1 or > Most)
            {
                return (name, $"lies between 1 and {Most}");
            }
        }

        return Aliases < 0 ? (nameof(Aliases), "is not negative")
            : Directives < 0 ? (nameof(Directives), "is not negative")
            : Budget < Cost ? (nameof(Budget), $"is at least the {nameof(Cost)} of one operation")
            : QueryTimeout < TimeSpan.FromMilliseconds(1) || QueryTimeout > TimeSpan.FromHours(1) ? (nameof(QueryTimeout), "lies between 00:00:00.001 and 01:00:00")
            : UploadTimeout < TimeSpan.FromSeconds(1) || UploadTimeout > TimeSpan.FromDays(1) ? (nameof(UploadTimeout), "lies between 00:00:01 and 1.00:00:00")
            : null;
    }
}
