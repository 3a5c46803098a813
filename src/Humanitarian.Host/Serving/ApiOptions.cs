using System.Net;
using Humanitarian.Api;
using Humanitarian.Api.Transport;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Serving;

/// <summary>What the API is given of the keys, folders and settings.</summary>
internal static class ApiOptions
{
    /// <exception cref="StartupFault">A persisted document is none.</exception>
    public static HumanitarianApiOptions Of(LedgerKeys keys, Settings settings) => new()
    {
        Pepper = keys.Pepper,
        MatchingKey = keys.Matching,
        DataFolder = Path.GetFullPath(settings.Storage.DataFolder),
        Limits = settings.Api.Limits,
        AllowedOrigins = settings.Api.AllowedOrigins,
        Ide = settings.Api.Ide,
        Live = new LiveOptions { InitTimeout = settings.Api.InitTimeout, UnknownOfAddress = settings.Api.UnknownOfAddress },
        TrustedProxies = [.. settings.Api.TrustedProxies.Select(ApiSettings.NetworkOf).OfType<IPNetwork>()],
        Documents = settings.Api.Documents.Load(),
        SignIn = settings.SignIn.Options(),
        AuditAnchorEvery = settings.Api.AuditAnchorEvery,
        Webhooks = settings.Api.Webhooks.Options(),
        PayoutCoolOff = settings.Api.PayoutCoolOff,
        MatchedRowsPerDay = settings.Api.Matching.RowsPerDay,
        DryRunsPerDay = settings.Api.Matching.DryRunsPerDay,
        Pins = settings.Api.Pins,
        BulkKeptFor = settings.Api.BulkKeptFor,
        LeastHouseholds = settings.Privacy.LeastHouseholds,
    };
}
