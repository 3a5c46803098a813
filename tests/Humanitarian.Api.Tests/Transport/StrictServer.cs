using System.Reflection;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Transport;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Tests.Transport;

/// <summary>A ledger of its own whose live connections have tight bounds, and whose side store fails when it is told to.</summary>
public sealed class StrictServer : IAsyncLifetime
{
    public StrictServer() => Api = new ApiServer
    {
        Live = new LiveOptions
        {
            InitTimeout = TimeSpan.FromMinutes(1), KeepAlive = TimeSpan.FromMilliseconds(200), ConnectionsOfMember = 2,
            Operations = 2, MessageBytes = 2_000,
        },
        AllowedOrigins = ["https://shop.example"],
        Side = inner => (ISideStore)(object)(Store = FailingStore.Of(inner)),
    };

    public ApiServer Api { get; }

    public FailingStore? Store { get; private set; }

    public ValueTask InitializeAsync() => Api.InitializeAsync();

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    /// <summary>Passes everything on, or throws.</summary>
    public class FailingStore : DispatchProxy
    {
        private ISideStore? inner;

        public bool Fails { get; set; }

        public static FailingStore Of(ISideStore inner)
        {
            var store = (FailingStore)(object)Create<ISideStore, FailingStore>();
            store.inner = inner;
            return store;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Fails ? throw new InvalidOperationException("The words of a fault.") : targetMethod!.Invoke(inner, args);
    }
}
