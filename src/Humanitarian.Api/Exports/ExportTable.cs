namespace Humanitarian.Api.Exports;

/// <summary>A table on its way into a file.</summary>
/// <param name="Kind">What it is, in one short word: the name of its sheet.</param>
/// <param name="Name">Name of the file, without an extension.</param>
/// <param name="Rows">
/// Its rows, read page by page while they are written. A cell is text, a whole number, a decimal, a moment or nothing.
/// </param>
/// <param name="Next">Give it as <c>after</c> to go on where the table ends; null when nothing follows.</param>
internal sealed record ExportTable(string Kind, string Name, IReadOnlyList<string> Columns, IAsyncEnumerable<object?[]> Rows, long? Next)
{
    /// <summary>Identifies content that never changes; null for a table that may.</summary>
    public string? Tag { get; init; }
}
