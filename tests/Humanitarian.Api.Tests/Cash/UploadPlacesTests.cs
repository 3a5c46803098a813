using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
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
    public async Task A_report_beyond_those_that_are_being_read_is_refused_with_when_to_try_again_and_taken_once_they_are_done()
    {
        var job = await new CashJob(api, "cash at once").StartAsync(rows: 1, recallAfterSeconds: 86_400);
        var report = $"reference,status\n{Assert.Single(await job.ReferencesAsync())},DELIVERED\n";
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = api.Http.BaseAddress };
        var (going, answers) = (new List<SlowReport>(), new List<Task<HttpResponseMessage>>());
        while (going.Count < 4)
        {
            var slow = new SlowReport(report);
            going.Add(slow);
            answers.Add(PostAsync(patient, job, slow));
            Assert.Equal(slow.Begun, await Task.WhenAny(slow.Begun, answers[^1]).WaitAsync(TimeSpan.FromMinutes(1)));
        }

        using (var refused = await PostAsync(patient, job, new StringContent(report)))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
            Assert.Equal(RefusalCode.Busy, (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
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
            using var next = await PostAsync(patient, job, new StringContent(report));
            status = next.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable && watch.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, status);
    }

    /// <summary>Its body is asked for only once the server reads it: a report then has its place.</summary>
    private static Task<HttpResponseMessage> PostAsync(HttpClient http, CashJob job, HttpContent report)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/disbursements/{job.Disbursement}/reports") { Content = report };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", job.Aid.Finance.Key);
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
