namespace Humanitarian.LoadTests.Engine;

/// <summary>How one request ended.</summary>
internal enum Outcome
{
    /// <summary>Done, and durable where that is promised.</summary>
    Ok = 0,

    /// <summary>An expected no, with its code: the system said so.</summary>
    Refused = 1,

    /// <summary>A fault, a time-out, an unknown outcome: the system did not say.</summary>
    Failed = 2,
}

/// <summary>The end of one request.</summary>
/// <param name="Code">Refusal code, or the fault's name; null when it is done.</param>
internal readonly record struct Response(Outcome Outcome, string? Code)
{
    public static Response Ok { get; } = new(Outcome.Ok, null);

    /// <summary>A refusal by its code; an outcome that the system does not know is none.</summary>
    public static Response Refused(string code) => new(code == Domain.RefusalCode.Unknown ? Outcome.Failed : Outcome.Refused, code);

    public static Response Failed(string fault) => new(Outcome.Failed, fault);
}
