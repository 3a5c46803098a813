using GraphQLParser.AST;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>A beneficiary's PIN on its way to being compared. It shows itself to nobody.</summary>
public readonly struct Pin(string digits) : IEquatable<Pin>
{
    /// <summary>Fewest digits of a PIN.</summary>
    public const int DigitsMin = 4;

    /// <summary>Most digits of a PIN.</summary>
    public const int DigitsMax = 12;

    internal string Digits => digits;

    internal bool IsWellFormed => digits is { Length: >= DigitsMin and <= DigitsMax } && digits.All(char.IsAsciiDigit);

    /// <summary>Refuses what is no PIN, and those that are guessed first: one digit over and over, or a run.</summary>
    internal Refusal? Unfit()
    {
        if (!IsWellFormed)
        {
            return new Refusal(RefusalCode.InvalidInput, "A PIN has 4 to 12 digits.", "pin");
        }

        var (first, second) = (digits[0], digits[1]);
        var step = second - first;
        var isRun = Math.Abs(step) <= 1;
        for (var place = 1; place < digits.Length && isRun; place++)
        {
            isRun = digits[place] - digits[place - 1] == step;
        }

        return isRun ? new Refusal(RefusalCode.InvalidInput, "This PIN is guessed first; take another one.", "pin") : null;
    }

    public bool Equals(Pin other) => digits == other.Digits;

    public override bool Equals(object? obj) => obj is Pin other && Equals(other);

    public override int GetHashCode() => 0;

    public override string ToString() => "****";

    public static bool operator ==(Pin left, Pin right) => left.Equals(right);

    public static bool operator !=(Pin left, Pin right) => !left.Equals(right);
}

/// <summary>PINs come in variables only: documents are kept and logged.</summary>
public sealed class PinScalar() : TextScalar<Pin>("Pin", "4 to 12 digits as a string, in a variable: a document that contains a PIN is refused.")
{
    public override bool CanParseLiteral(GraphQLValue value) => value is GraphQLNullValue;

    protected override Pin? Read(string text) => new Pin(text);

    protected override string Write(Pin value) => value.ToString();
}
