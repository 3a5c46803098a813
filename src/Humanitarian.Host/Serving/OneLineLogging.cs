using Microsoft.Extensions.Logging.Console;

namespace Humanitarian.Host.Serving;

/// <summary>Logs are single JSON lines on standard error, so that standard output stays the program's answer.</summary>
internal static class OneLineLogging
{
    public static ILoggingBuilder AddOneLineJson(this ILoggingBuilder logging)
    {
        logging.AddJsonConsole(options =>
        {
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging;
    }
}
