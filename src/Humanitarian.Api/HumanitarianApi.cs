using GraphQL;
using GraphQL.DI;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.Alerts;
using Humanitarian.Api.Audit;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Bulk;
using Humanitarian.Api.Cases;
using Humanitarian.Api.Cash;
using Humanitarian.Api.Disbursements;
using Humanitarian.Api.Exports;
using Humanitarian.Api.Households;
using Humanitarian.Api.Ide;
using Humanitarian.Api.Grants;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Lists;
using Humanitarian.Api.Organisations;
using Humanitarian.Api.Overlaps;
using Humanitarian.Api.Programs;
using Humanitarian.Api.Provider;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Api.SignIn;
using Humanitarian.Api.Signatures;
using Humanitarian.Api.Redemptions;
using Humanitarian.Api.Settlements;
using Humanitarian.Api.Transport;
using Humanitarian.Api.Webhooks;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api;

/// <summary>The room's one way in.</summary>
public static class HumanitarianApi
{
    internal const string GraphQLPath = "/graphql";

    /// <summary>Names of what is not GraphQL, by which a credential may be limited to it.</summary>
    internal static IReadOnlyList<string> Endpoints { get; } = ["lists", "reports", "instructions", "exports", "bulk", "dashboard"];

    /// <summary>
    /// Adds the API. It takes <c>LedgerCommands</c>, <c>LedgerReader</c>, <c>ISideStore</c>, <c>IMatchingStore</c>, <c>IRandomSource</c>,
    /// <c>TimeProvider</c> and <see cref="HumanitarianApiOptions"/> from the services.
    /// </summary>
    public static IServiceCollection AddHumanitarianApi(this IServiceCollection services)
    {
        services.AddCors();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<SealedDocuments>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<SpentOnce>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<Issuers>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<RequestKeys>();
        services.AddSingleton<SignedRequests>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<SecondFactors>();
        services.AddIdentityProvider();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<InvitationCodes>();
        services.AddSingleton<LedgerInfo>();
        services.AddSingleton<PersonalVault>();
        services.AddSingleton<Pins>();
        services.AddSingleton<CardChallenges>();
        services.AddSingleton<PersonTokens>();
        services.AddSingleton<PersonSignIn>();
        services.AddScoped<EntitlementReads>();
        services.AddSingleton<PersonErasure>();
        services.AddSingleton<ForgettingAlerts>();
        services.AddScoped<Looks>();
        services.AddSingleton<PayoutVault>();
        services.AddSingleton<AccessLog>();
        services.AddSingleton<CaseTexts>();
        services.AddScoped<CaseReads>();
        services.AddScoped<TillConfirmations>();
        services.AddScoped<RedemptionReads>();
        services.AddSingleton<ErrorMask>();
        services.AddSingleton<ListDocuments>();
        services.AddSingleton<ListScopes>();
        services.AddSingleton<TopUpLists>();
        services.AddSingleton<EntitlementLists>();
        services.AddSingleton<ListImports>();
        services.AddSingleton(provider => BudgetsOf(provider.GetRequiredService<HumanitarianApiOptions>().Limits, provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<CallerScope>();
        services.AddScoped(request => request.GetRequiredService<CallerScope>().Caller ?? throw new InvalidOperationException("Nobody is authenticated."));
        services.AddScoped<Access>();
        services.AddScoped<SideCommands>();
        services.AddScoped<MutationRunner>();
        services.AddScoped<Loads>();
        services.AddScoped<RecordLists>();
        services.AddScoped<StatementReads>();
        services.AddScoped<Live>();
        services.AddScoped<Pace>();
        services.AddSingleton<Connections>();
        services.AddSingleton<Operations>();
        services.AddSingleton<AlertLog>();
        services.AddSingleton<AuditTrail>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditTrail>());
        services.AddSingleton<SealedText>();
        services.AddSingleton<BulkOperations>();
        services.AddSingleton(provider => TurnQueues.Of(provider.GetRequiredService<TimeProvider>(), TurnLimits.Default));
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookTrials>();
        services.AddScoped<WebhookRules>();
        services.AddSingleton<CashFiles>();
        services.AddSingleton<Uploads>();
        services.AddScoped<CashReads>();
        services.AddScoped<FollowUpLists>();
        services.AddScoped<DisbursementReads>();
        services.AddScoped<Deliveries.DeliveryExceptionReads>();
        services.AddScoped<SampleReads>();
        services.AddScoped<ProgramTotalsReads>();
        services.AddScoped<HouseholdReads>();
        services.AddSingleton<MatchingRuns>();
        services.AddSingleton<OverlapMatching>();
        services.AddScoped<OverlapReads>();
        services.AddScoped<StatementExport>();
        services.AddScoped<SampleExport>();
        services.AddScoped<DisbursementExport>();
        services.AddScoped<FiveWExport>();
        services.AddScoped<BudgetReads>();
        services.AddScoped<BudgetExport>();
        services.AddScoped<IatiExport>();
        foreach (var feature in new[] { typeof(IQueries), typeof(IMutations), typeof(ISubscriptions) }.SelectMany(ApiSchema.RootClasses))
        {
            services.AddScoped(feature);
        }

        services.AddGraphQL(graphQL => graphQL
            .AddSchema<ApiSchema>()
            .AddGraphTypes(typeof(ApiSchema).Assembly)
            .AddAutoClrMappings()
            .AddSystemTextJson()
            .AddErrorInfoProvider(provider => provider.GetRequiredService<ErrorMask>())
            .AddUnhandledExceptionHandler(fault => fault.ExecutionOptions.RequestServices!.GetRequiredService<ErrorMask>().Mask(fault))
            .Services.Register<IConfigureExecution, DocumentGuard>(global::GraphQL.DI.ServiceLifetime.Singleton)
            .Register<IConfigureExecution, TurnExecution>(global::GraphQL.DI.ServiceLifetime.Singleton)
            .Register<IConfigureExecution, AuditExecution>(global::GraphQL.DI.ServiceLifetime.Singleton));
        return services;
    }

    /// <summary>Adds what the API does unasked: it builds its schema, watches for alerts, sends webhooks and works on files of commands, in a process that is a silo of the ledger.</summary>
    public static IServiceCollection AddHumanitarianApiDuties(this IServiceCollection services)
    {
        services.AddSingleton<WebhookFollower>();
        services.AddHostedService<SchemaBuild>();
        services.AddHostedService<AlertWatch>();
        services.AddHostedService<ForgettingDuty>();
        services.AddHostedService<WebhookSender>();
        services.AddHostedService<BulkRunner>();
        return services;
    }

    /// <summary>What each member may spend, on whatever they ask.</summary>
    private static Allowances<Id> BudgetsOf(ApiLimits limits, TimeProvider time) => new(time, limits.Budget, limits.BudgetPerSecond);

    /// <summary>A handler for members with one of the roles: 401 without a living credential, 403 without the role.</summary>
    public static RequestDelegate RequireRole(Roles anyOf, RequestDelegate handler) => Authenticator.Require(
        http => http.RequestServices.GetRequiredService<CallerScope>().Caller!.Has(anyOf)
            ? handler(http)
            : HttpAnswers.RefuseAsync(http, StatusCodes.Status403Forbidden, RefusalCode.Forbidden, "Your roles do not allow this."),
        "dashboard");

    /// <summary>Maps <c>POST</c>, <c>GET</c> and WebSockets at <c>/graphql</c>, joining, lists, providers' reports, instruction files and exports.</summary>
    /// <exception cref="ArgumentException">A secret in the options is too short.</exception>
    public static void MapHumanitarianApi(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<HumanitarianApiOptions>().Validate();
        var request = Authenticator.Require(GraphQLEndpoint.HandleAsync);
        var graphQL = routes.CreateApplicationBuilder();
        graphQL.UseWebSockets();
        graphQL.Run(http => http.WebSockets.IsWebSocketRequest ? SocketEndpoint.HandleAsync(http) : request(http));
        routes.MapMethods(GraphQLPath, [HttpMethods.Get, HttpMethods.Post], graphQL.Build());
        if (routes.ServiceProvider.GetRequiredService<HumanitarianApiOptions>().Ide)
        {
            IdeEndpoints.Map(routes);
        }

        routes.MapPost("/bulk/{mutation}", Authenticator.Require(BulkEndpoint.HandleAsync, "bulk", changes: true));
        routes.MapGet("/bulk/operations/{id}/results", Authenticator.Require(BulkOperationEndpoint.ResultsAsync, "bulk"));
        routes.MapPost("/join", JoinEndpoint.JoinAsync);
        routes.MapPost("/person/token", PersonEndpoints.TokenAsync);
        routes.MapPost("/person/challenge", PersonEndpoints.ChallengeAsync);
        routes.MapPost("/lists", Authenticator.Require(ListEndpoints.ImportAsync, "lists", changes: true));
        routes.MapGet("/lists/{id}/errors", Authenticator.Require(ListEndpoints.ErrorsAsync, "lists"));
        routes.MapPost("/disbursements/{id}/reports", Authenticator.Require(CashEndpoints.ReportAsync, "reports", changes: true));
        routes.MapGet("/instructions/{id}", Authenticator.Require(CashEndpoints.InstructionsAsync, "instructions"));
        routes.MapGet("/exports/iati", Authenticator.Require(ExportEndpoints.IatiAsync, "exports"));
        routes.MapGet("/exports/budgets/{id}", Authenticator.Require(ExportEndpoints.BudgetAsync, "exports"));
        routes.MapGet("/exports/5w/{id}", Authenticator.Require(ExportEndpoints.FiveWAsync, "exports"));
        routes.MapGet("/exports/statements/{id}", Authenticator.Require(ExportEndpoints.StatementAsync, "exports"));
        routes.MapGet("/exports/disbursements/{id}", Authenticator.Require(ExportEndpoints.DisbursementAsync, "exports"));
        routes.MapGet("/exports/samples/{id}", Authenticator.Require(ExportEndpoints.SampleAsync, "exports"));
        routes.MapGet("/exports/reconciliations/{id}", Authenticator.Require(ExportEndpoints.ReconciliationAsync, "exports"));
        routes.MapIdentityProvider();
    }
}
