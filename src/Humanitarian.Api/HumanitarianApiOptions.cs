using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Api;

/// <summary>What the API needs beside the services it is given. Both secrets come from files outside the data folder.</summary>
public sealed record HumanitarianApiOptions
{
    /// <summary>Bytes that a secret has at least.</summary>
    public const int SecretBytesMin = 32;

    /// <summary>Secret under which API keys are hashed and their rows authenticated.</summary>
    public required ReadOnlyMemory<byte> Pepper { get; init; }

    /// <summary>Secret under which identifiers in lists are hashed. Who has it finds telephone numbers by trying all.</summary>
    public required ReadOnlyMemory<byte> MatchingKey { get; init; }

    /// <summary>Folder for what does not fit documents: the errors of very bad lists, and keyed hashes while a list is read.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Fewest households that a figure told to a donor or the public covers, and the difference of any two.</summary>
    public int LeastHouseholds { get; init; } = DonorCell.DefaultLeast;

    /// <exception cref="ArgumentException">A secret is too short.</exception>
    internal HumanitarianApiOptions Validated() =>
        Pepper.Length >= SecretBytesMin && MatchingKey.Length >= SecretBytesMin && DataFolder.Length > 0
            ? this
            : throw new ArgumentException($"Pepper and MatchingKey need {SecretBytesMin} bytes each, and DataFolder a path.");
}
