using Humanitarian.Api;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;

namespace Humanitarian.Host.Serving;

/// <summary>What the API is given of the keys and folders.</summary>
internal static class ApiOptions
{
    public static HumanitarianApiOptions Of(LedgerKeys keys, Settings settings) => new()
    {
        Pepper = keys.Pepper, MatchingKey = keys.Matching, DataFolder = Path.GetFullPath(settings.Storage.DataFolder), LeastHouseholds = settings.Privacy.LeastHouseholds,
    };
}
