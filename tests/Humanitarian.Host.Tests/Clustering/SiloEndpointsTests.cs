using System.Net;
using Humanitarian.Host.Clustering;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Tests.Clustering;

public class SiloEndpointsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.9")]
    [InlineData("192.168.4.4")]
    [InlineData("100.64.0.1")]
    [InlineData("::1")]
    [InlineData("fd00::5")]
    public void Private_addresses_are_taken(string address)
    {
        var endpoints = SiloEndpoints.Of(new ClusterSettings { Address = address, Port = 4000 });
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 4000), endpoints.Reached);
        Assert.Equal(endpoints.Reached, endpoints.Listening);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("*")]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("silo-1")]
    public void Wildcards_public_addresses_and_names_are_refused(string address)
    {
        var reached = Assert.Throws<StartupFault>(() => SiloEndpoints.Of(new ClusterSettings { Address = address }));
        var listening = Assert.Throws<StartupFault>(() => SiloEndpoints.Of(new ClusterSettings { Address = "127.0.0.1", ListenAddress = address }));
        Assert.Equal((StartupCode.SiloAddress, StartupCode.SiloAddress), (reached.Code, listening.Code));
        Assert.Contains("Cluster:Address", reached.Message, StringComparison.Ordinal);
        Assert.Contains("Cluster:ListenAddress", listening.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Silo_may_listen_elsewhere_than_where_it_is_reached()
    {
        var endpoints = SiloEndpoints.Of(new ClusterSettings { Address = "10.0.0.1", Port = 4000, ListenAddress = "127.0.0.1", ListenPort = 5000 });
        Assert.Equal((new IPEndPoint(IPAddress.Parse("10.0.0.1"), 4000), new IPEndPoint(IPAddress.Loopback, 5000)), (endpoints.Reached, endpoints.Listening));
    }

    [Fact]
    public void Only_private_address_of_a_machine_is_found_and_several_must_be_chosen_from()
    {
        IPAddress[] one = [IPAddress.Loopback, IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.7"), IPAddress.Parse("fe80::1")];
        Assert.Equal(IPAddress.Parse("10.0.0.7"), SiloEndpoints.OnlyPrivate(one));
        Assert.Contains("10.0.0.8", Assert.Throws<StartupFault>(() => SiloEndpoints.OnlyPrivate([.. one, IPAddress.Parse("10.0.0.8")])).Message, StringComparison.Ordinal);
        Assert.Equal(StartupCode.SiloAddress, Assert.Throws<StartupFault>(() => SiloEndpoints.OnlyPrivate([IPAddress.Loopback])).Code);
    }
}
