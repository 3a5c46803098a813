using Humanitarian.Grains.Telemetry;
using Humanitarian.Host.Configuration;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Humanitarian.Host.Serving;

/// <summary>Sends metrics and traces by OTLP when an endpoint is configured: the ledger's own, Orleans', the web server's, the runtime's.</summary>
internal static class Telemetry
{
    private const string Orleans = "Microsoft.Orleans";

    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetrySettings settings, string ledger)
    {
        if (settings.OtlpEndpoint.Length == 0)
        {
            return;
        }

        var endpoint = new Uri(settings.OtlpEndpoint);
        var protocol = Enum.Parse<OtlpExportProtocol>(settings.OtlpProtocol, ignoreCase: true);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("humanitarian", serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
                .AddAttributes([KeyValuePair.Create("humanitarian.ledger", (object)ledger)]))
            .WithMetrics(metrics => metrics.AddMeter(LedgerTelemetry.Name, Orleans, "Npgsql").AddAspNetCoreInstrumentation().AddRuntimeInstrumentation()
                .AddOtlpExporter((exporter, reader) =>
                {
                    (exporter.Endpoint, exporter.Protocol) = (PathFor(endpoint, protocol, "metrics"), protocol);
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = settings.IntervalSeconds * 1000;
                }))
            .WithTracing(traces => traces.AddSource(LedgerTelemetry.Name, $"{Orleans}.Runtime", $"{Orleans}.Application").AddAspNetCoreInstrumentation()
                .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (PathFor(endpoint, protocol, "traces"), protocol)));
    }

    // An endpoint set in code is taken as it is, one from the environment gets the signal's path by itself.
    private static Uri PathFor(Uri endpoint, OtlpExportProtocol protocol, string signal) =>
        protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}") : endpoint;
}
