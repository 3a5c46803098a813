using GraphQL;
using GraphQL.Resolvers;
using GraphQL.Types;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Who may call a query, a mutation or a subscription. Every one has this rule, which is asked before its resolver; whose things they may reach with it
/// is <see cref="Access"/>'s to say, and the ledger's own rules come last. Who may not call a query is answered as if there were nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllowAttribute : GraphQLAttribute
{
    private const string Key = "allow";

    /// <summary>Every active member.</summary>
    public AllowAttribute()
    {
    }

    /// <summary>Members with one of the roles.</summary>
    public AllowAttribute(Roles anyOf) => AnyOf = anyOf;

    /// <summary>The roles of which one is needed; null for none.</summary>
    public Roles? AnyOf { get; }

    public override void Modify(FieldType fieldType, bool isInputType) => fieldType.Metadata[Key] = this;

    /// <summary>A root field's rule.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    internal static AllowAttribute Of(FieldType field) =>
        field.GetMetadata<AllowAttribute?>(Key) ?? throw new InvalidOperationException($"{field.Name} does not say who may call it.");

    /// <summary>Puts a root field's rule before its resolver. Who may not follow is told that there is nothing.</summary>
    /// <param name="payload">What a mutation answers; null for the others.</param>
    internal static void Enforce(FieldType field, Type? payload)
    {
        if (Of(field).AnyOf is { } anyOf)
        {
            if (field.StreamResolver is { } stream)
            {
                field.StreamResolver = new GuardedStream(stream, anyOf);
                return;
            }

            field.Resolver = new Guarded(field.Resolver!, anyOf, char.ToUpperInvariant(field.Name[0]) + field.Name[1..], payload);
        }
    }

    private sealed class GuardedStream(ISourceStreamResolver stream, Roles anyOf) : ISourceStreamResolver
    {
        public ValueTask<IObservable<object?>> ResolveAsync(IResolveFieldContext context) =>
            context.RequestServices!.GetRequiredService<Caller>().Has(anyOf) ? stream.ResolveAsync(context) : throw Live.NotFound();
    }

    private sealed class Guarded(IFieldResolver resolver, Roles anyOf, string operation, Type? payload) : IFieldResolver
    {
        public ValueTask<object?> ResolveAsync(IResolveFieldContext context)
        {
            var services = context.RequestServices!;
            return services.GetRequiredService<Caller>().Has(anyOf) ? resolver.ResolveAsync(context)
                : payload is null ? default
                : new ValueTask<object?>(Forbidden(services));
        }

        private object Forbidden(IServiceProvider services)
        {
            var refusal = Principals.Forbidden();
            services.GetRequiredService<LedgerTelemetry>().Answered(operation, refusal.Code, TimeSpan.Zero);
            var refused = (Payload)Activator.CreateInstance(payload!)!;
            refused.UserErrors = [new UserError(refusal.Code, null, refusal.Message)];
            return refused;
        }
    }
}
