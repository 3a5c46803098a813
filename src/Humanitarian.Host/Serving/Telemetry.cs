using System.Diagnostics;
using Humanitarian.Grains.Telemetry;
using Humanitarian.Host.Configuration;
using OpenTelemetry;
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
                .AddProcessor(new WithoutPseudonyms())
                .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (PathFor(endpoint, protocol, "traces"), protocol)));
    }

    // An endpoint set in code is taken as it is, one from the environment gets the signal's path by itself.
    private static Uri PathFor(Uri endpoint, OtlpExportProtocol protocol, string signal) =>
        protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}") : endpoint;

    /// <summary>Takes away what names an account or a person: a grain's key is one, and so is the last part of an export's path.</summary>
    private sealed class WithoutPseudonyms : BaseProcessor<Activity>
    {
        private static readonly string[] OfCalls = ["rpc.system", "rpc.service", "rpc.method", "status"];
        private static readonly string[] OfRequests = ["http.request.method", "http.response.status_code", "http.route", "url.scheme", "network.protocol.version", "error.type"];

        public override void OnEnd(Activity data)
        {
            if (data.Source.Name == LedgerTelemetry.Name)
            {
                return;
            }

            var kept = data.Source.Name.StartsWith(Orleans, StringComparison.Ordinal) ? OfCalls : OfRequests;
            foreach (var (name, _) in data.TagObjects.Where(tag => !kept.Contains(tag.Key)).ToList())
            {
                data.SetTag(name, null);
            }
        }
    }
}
