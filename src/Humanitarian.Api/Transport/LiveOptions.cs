namespace Humanitarian.Api.Transport;

/// <summary>Bounds of connections that stay open: WebSockets and event streams.</summary>
public sealed record LiveOptions
{
    /// <summary>How long a WebSocket may take to say who it is.</summary>
    public TimeSpan InitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a quiet connection gets a sign of life, and its key is looked at.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to accept a message or to answer a sign of life.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>WebSockets and event streams of this process at once.</summary>
    public int Connections { get; init; } = 5_000;

    /// <summary>Those of one member.</summary>
    public int ConnectionsOfMember { get; init; } = 50;

    /// <summary>WebSockets of one address, or of one network of IPv6, that have not said who they are yet.</summary>
    public int UnknownOfAddress { get; init; } = 100;

    /// <summary>Operations of one WebSocket at once.</summary>
    public int Operations { get; init; } = 20;

    /// <summary>Most bytes of a WebSocket message from a client.</summary>
    public int MessageBytes { get; init; } = 256 * 1024;
}
