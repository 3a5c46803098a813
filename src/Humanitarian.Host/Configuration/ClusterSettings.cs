namespace Humanitarian.Host.Configuration;

/// <summary>The ledger served by several processes (silos) on one PostgreSQL database.</summary>
internal sealed record ClusterSettings
{
    public bool Enabled { get; init; }

    /// <summary>The private address under which the other silos reach this one; when empty, the only private address of this machine.</summary>
    public string Address { get; init; } = "";

    /// <summary>The port at that address.</summary>
    public int Port { get; init; } = 11111;

    /// <summary>Where this silo listens, where that differs from the address that the others reach it under.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>The port it listens on; when 0, the one at which the others reach it.</summary>
    public int ListenPort { get; init; }

    public ClusterTlsSettings Tls { get; init; } = new();

    public ProbeSettings Probes { get; init; } = new();
}

/// <summary>How silos know each other: by certificates, or because nothing else can reach their network.</summary>
internal sealed record ClusterTlsSettings
{
    public const string Certificates = "Certificates";
    public const string Network = "Network";

    /// <summary><see cref="Certificates"/>, or <see cref="Network"/> where the network layer authenticates and encrypts.</summary>
    public string Mode { get; init; } = Certificates;

    /// <summary>This silo's certificate, PEM, with intermediate ones behind it if there are any.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>The certificate's private key, PEM, its owner's alone.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>The only authority, PEM, whose certificates are taken from other silos.</summary>
    public string AuthorityFile { get; init; } = "";
}

/// <summary>How soon a silo that does not answer is declared dead by the others.</summary>
internal sealed record ProbeSettings
{
    /// <summary>How long a silo waits for the answer to one probe, and between two.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many probes in a row must fail.</summary>
    public int Missed { get; init; } = 3;
}

/// <summary>Orleans' dashboard, on the loopback interface, for administrators of the operator.</summary>
internal sealed record DashboardSettings
{
    public bool Enabled { get; init; }

    /// <summary>Where it listens: a loopback address and a port of its own.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5090";
}
