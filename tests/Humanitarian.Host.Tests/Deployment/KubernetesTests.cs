using k8s;
using k8s.Models;

namespace Humanitarian.Host.Tests.Deployment;

public class KubernetesTests
{
    private static readonly string Folder = Path.Combine(HostProcess.Repository, "deploy", "kubernetes");

    [Fact]
    public void Every_manifest_is_what_its_kind_says_to_the_field()
    {
        var objects = Objects();
        Assert.Equal(
            ["ConfigMap", "Deployment", "Job", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service"], objects.Select(one => one.Kind).Order());
        Assert.ThrowsAny<Exception>(() => Parse("apiVersion: v1\nkind: Namespace\nmetadata:\n  nome: humanitarian\n"));
    }

    [Fact]
    public void Every_manifest_is_applied_by_the_customisation()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "kustomization.yaml"));
        Assert.All(
            Directory.GetFiles(Folder, "*.yaml").Select(Path.GetFileName).Where(name => name != "kustomization.yaml"),
            name => Assert.Contains($"- {name}", text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_container_runs_as_root_or_gains_rights_and_its_own_files_are_read_only()
    {
        var pods = Objects().Select(one => (one as V1Deployment)?.Spec.Template.Spec ?? (one as V1Job)?.Spec.Template.Spec).OfType<V1PodSpec>().ToArray();
        Assert.Equal(2, pods.Length);
        Assert.All(pods, pod =>
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.All(pod.InitContainers.Concat(pod.Containers), container =>
            {
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            });
        });
    }

    [Fact]
    public void The_service_has_the_api_alone_and_only_silos_reach_the_silo_port()
    {
        var service = Objects().OfType<V1Service>().Single();
        Assert.Equal("ClusterIP", service.Spec.Type);
        Assert.Equal("api", Assert.Single(service.Spec.Ports).TargetPort.Value);
        var policy = Objects().OfType<V1NetworkPolicy>().Single();
        var silo = Assert.Single(policy.Spec.Ingress, rule => rule.Ports.Any(port => port.Port.Value == "11111"));
        Assert.Equal("humanitarian", Assert.Single(silo.FromProperty).PodSelector.MatchLabels["app"]);
    }

    [Fact]
    public void Every_setting_that_is_given_exists() => SettingNames.AssertKnown(
        Objects().OfType<V1ConfigMap>().Single().Data.Keys
            .Concat(Objects().OfType<V1Job>().Single().Spec.Template.Spec.Containers.Single().Env.Select(one => one.Name)));

    [Fact]
    public void Every_process_starts_with_what_it_is_given()
    {
        SettingNames.AssertEnough(Objects().OfType<V1ConfigMap>().Single().Data.Select(one => (one.Key, one.Value)));
        SettingNames.AssertEnough(Objects().OfType<V1Job>().Single().Spec.Template.Spec.Containers.Single().Env.Select(one => (one.Name, one.Value)));
    }

    private static List<IKubernetesObject> Objects() =>
    [
        .. Directory.GetFiles(Folder, "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").SelectMany(file => Parse(File.ReadAllText(file))),
    ];

    private static IEnumerable<IKubernetesObject> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject>();
}
