using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>Reports that are on their way at once. It takes every place that there is, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(UploadPlacesTests), DisableParallelization = true)]
[Collection(nameof(UploadPlacesTests))]
public sealed class UploadPlacesTests(ApiServer api)
{
    [Fact]
    public async Task A_file_beyond_those_that_an_organisation_is_sending_is_refused_with_when_to_try_again_and_anothers_is_taken()
    {
        var other = await new CashJob(api, "another's cash").StartAsync(rows: 1, recallAfterSeconds: 86_400);
        var job = await new CashJob(api, "cash at once").StartAsync(rows: 1, recallAfterSeconds: 86_400);
        var report = $"reference,status\n{Assert.Single(await job.ReferencesAsync())},DELIVERED\n";
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = api.Http.BaseAddress };
        var (going, answers) = (new List<SlowReport>(), new List<Task<HttpResponseMessage>>());
        while (going.Count < 4)
        {
            var slow = new SlowReport(report);
            going.Add(slow);
            answers.Add(PostAsync(patient, job.Aid.Finance, Reports(job), slow));
            Assert.Equal(slow.Begun, await Task.WhenAny(slow.Begun, answers[^1]).WaitAsync(TimeSpan.FromMinutes(1)));
        }

        using (var refused = await PostAsync(patient, job.Aid.Finance, Reports(job), new StringContent(report)))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
            Assert.Equal(RefusalCode.Busy, (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }

        using (var anothers = await PostAsync(patient, other.Aid.Finance, Reports(other), new StringContent($"reference,status\n{Assert.Single(await other.ReferencesAsync())},DELIVERED\n")))
        {
            Assert.Equal(HttpStatusCode.OK, anothers.StatusCode);
        }

        going.ForEach(slow => slow.Finish());
        foreach (var answer in await Task.WhenAll(answers))
        {
            using (answer)
            {
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
        }

        // An answer may arrive just before its place is free.
        var watch = Stopwatch.StartNew();
        HttpStatusCode status;
        do
        {
            using var next = await PostAsync(patient, job.Aid.Finance, Reports(job), new StringContent(report));
            status = next.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable && watch.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task An_unfinished_list_keeps_no_other_organisations_list_from_being_taken()
    {
        var (one, other) = (await new Aid(api, "slow list").SetUpAsync(), await new Aid(api, "swift list").SetUpAsync());
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = api.Http.BaseAddress };
        var slow = new SlowReport(Aid.Rows("slow list", 3));
        var answer = PostAsync(patient, one.Registrar, $"/lists?program={one.Program}", slow);
        Assert.Equal(slow.Begun, await Task.WhenAny(slow.Begun, answer).WaitAsync(TimeSpan.FromMinutes(1)));
        await other.ListAsync(3).WaitAsync(TimeSpan.FromSeconds(30));
        slow.Finish();
        using var taken = await answer;
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_not_whole_in_its_time_is_refused()
    {
        var aid = await new Aid(api, "late list").SetUpAsync();
        await using var front = await Front.StartAsync(api, new ApiLimits { UploadTimeout = TimeSpan.FromMilliseconds(200) });
        using var client = new TcpClient();
        await client.ConnectAsync(front.Http.BaseAddress!.Host, front.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /lists?program={aid.Program} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {aid.Registrar.Key}\r\nContent-Length: 1000\r\n\r\nhousehold_id"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("UPLOAD_TIMED_OUT", answer, StringComparison.Ordinal);
    }

    private static string Reports(CashJob job) => $"/disbursements/{job.Disbursement}/reports";

    /// <summary>Its body is asked for only once the server reads it: a report then has its place.</summary>
    private static Task<HttpResponseMessage> PostAsync(HttpClient http, Actor actor, string path, HttpContent file)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = file };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", actor.Key);
        request.Headers.ExpectContinue = true;
        return http.SendAsync(request);
    }

    /// <summary>A report whose last part comes when it is told to; its first is long enough not to count as stalled.</summary>
    private sealed class SlowReport(string report) : HttpContent
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        public void Finish() => finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            begun.SetResult();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(report + new string('\n', 60_000)));
            await stream.FlushAsync();
            await finish.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
