namespace Humanitarian.Chain.Exports;

/// <summary>A file is no export, is cut short or damaged.</summary>
public sealed class ExportException(string message) : Exception(message);
