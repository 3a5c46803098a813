using CsvHelper;

namespace Humanitarian.Api.Lists;

/// <summary>Keeps the first errors and sends the rest to a file, so that a wholly bad list does not fill the memory.</summary>
internal sealed class ErrorLog(Func<TextWriter>? overflow) : IAsyncDisposable
{
    private readonly List<ListError> _kept = [];
    private CsvWriter? _rest;

    public IReadOnlyList<ListError> Kept => _kept;

    public long Total { get; private set; }

    /// <summary>Rows with errors so far.</summary>
    public long Rows { get; private set; }

    public async ValueTask AddRowAsync(List<ListError> errors, CancellationToken cancellationToken)
    {
        Rows++;
        foreach (ListError error in errors)
            await AddAsync(error, cancellationToken);
    }

    public async ValueTask AddAsync(ListError error, CancellationToken cancellationToken)
    {
        Total++;
        if (_kept.Count < ListOptions.ErrorsKept)
            _kept.Add(error);
        else if (overflow is not null)
            await SpillAsync(error, cancellationToken);
    }

    public ValueTask DisposeAsync() => _rest?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask SpillAsync(ListError error, CancellationToken cancellationToken)
    {
        if (_rest is null)
        {
            // Someone will open the file in a spreadsheet: a masked value must not run there as a formula.
            _rest = CsvWriter.Create(overflow!(), new CsvWriterOptions { NewLine = "\n", Injection = CsvInjection.Escape }, leaveOpen: false);
            _rest.WriteHeader("line", "column", "value", "code", "reason");
        }

        _rest.WriteField(error.Line);
        _rest.WriteField(error.Column);
        _rest.WriteField(error.MaskedValue);
        _rest.WriteField(error.Code);
        _rest.WriteField(error.Reason);
        await _rest.EndRecordAsync(cancellationToken);
    }
}
