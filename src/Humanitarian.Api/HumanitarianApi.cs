using GraphQL;
using GraphQL.DI;
using Humanitarian.Api.Cash;
using Humanitarian.Api.Disbursements;
using Humanitarian.Api.Exports;
using Humanitarian.Api.Households;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Lists;
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
    private const int DepthMax = 20;
    private const int ComplexityMax = 20_000;

    /// <summary>
    /// Adds the API. It takes <c>LedgerCommands</c>, <c>LedgerReader</c>, <c>ISideStore</c>, <c>IMatchingStore</c>, <c>IRandomSource</c>,
    /// <c>TimeProvider</c> and <see cref="HumanitarianApiOptions"/> from the services.
    /// </summary>
    public static IServiceCollection AddHumanitarianApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<LedgerInfo>();
        services.AddSingleton<ErrorMask>();
        services.AddSingleton<ListDocuments>();
        services.AddSingleton<TopUpLists>();
        services.AddSingleton<ListImports>();
        services.AddScoped<CallerScope>();
        services.AddScoped(request => request.GetRequiredService<CallerScope>().Caller ?? throw new InvalidOperationException("Nobody is authenticated."));
        services.AddScoped<Access>();
        services.AddScoped<MutationRunner>();
        services.AddSingleton<CashFiles>();
        services.AddScoped<CashReads>();
        services.AddScoped<FollowUpLists>();
        services.AddScoped<DisbursementReads>();
        services.AddScoped<HouseholdReads>();
        services.AddScoped<StatementExport>();
        services.AddScoped<DisbursementExport>();
        services.AddScoped<FiveWExport>();
        services.AddScoped<IatiExport>();
        foreach (var feature in ApiSchema.RootClasses(typeof(IQueries)).Concat(ApiSchema.RootClasses(typeof(IMutations))))
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
            .AddComplexityAnalyzer(limits => (limits.MaxDepth, limits.MaxComplexity) = (DepthMax, ComplexityMax))
            .Services.Register<IConfigureExecution, DocumentGuard>(global::GraphQL.DI.ServiceLifetime.Singleton));
        return services;
    }

    /// <summary>A handler for members with one of the roles: 401 without a living API key, 403 without the role.</summary>
    public static RequestDelegate RequireRole(Roles anyOf, RequestDelegate handler) => Authenticator.Require(http =>
        http.RequestServices.GetRequiredService<CallerScope>().Caller!.Has(anyOf)
            ? handler(http)
            : HttpAnswers.RefuseAsync(http, StatusCodes.Status403Forbidden, RefusalCode.Forbidden, "Your roles do not allow this."));

    /// <summary>Maps <c>POST</c> and <c>GET /graphql</c>, lists, providers' reports, instruction files and exports.</summary>
    public static void MapHumanitarianApi(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/graphql", [HttpMethods.Get, HttpMethods.Post], Authenticator.Require(GraphQLEndpoint.HandleAsync));
        routes.MapPost("/lists", Authenticator.Require(ListEndpoints.ImportAsync));
        routes.MapGet("/lists/{id}/errors", Authenticator.Require(ListEndpoints.ErrorsAsync));
        routes.MapPost("/disbursements/{id}/reports", Authenticator.Require(CashEndpoints.ReportAsync));
        routes.MapGet("/instructions/{id}", Authenticator.Require(CashEndpoints.InstructionsAsync));
        routes.MapGet("/exports/iati", Authenticator.Require(ExportEndpoints.IatiAsync));
        routes.MapGet("/exports/5w/{id}", Authenticator.Require(ExportEndpoints.FiveWAsync));
        routes.MapGet("/exports/statements/{id}", Authenticator.Require(ExportEndpoints.StatementAsync));
        routes.MapGet("/exports/disbursements/{id}", Authenticator.Require(ExportEndpoints.DisbursementAsync));
        routes.MapGet("/exports/reconciliations/{id}", Authenticator.Require(ExportEndpoints.ReconciliationAsync));
    }
}
