using GraphQL;
using GraphQL.Resolvers;
using GraphQL.Types;
using Humanitarian.Api.Keys;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Who may call a query, a mutation or a subscription, or read a field within what they answer. Every root field has this rule, which is asked before
/// its resolver; whose things they may reach with it is <see cref="Access"/>'s to say, and the ledger's own rules come last. Who may not call a query, or
/// read a field, is answered as if there were nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AllowAttribute : GraphQLAttribute
{
    private const string Key = "allow";

    /// <summary>Every active member, and no beneficiary unless <see cref="Person"/> says so.</summary>
    public AllowAttribute()
    {
    }

    /// <summary>Members with one of the roles.</summary>
    public AllowAttribute(Roles anyOf) => AnyOf = anyOf;

    /// <summary>The roles of which one is needed; null for none.</summary>
    public Roles? AnyOf { get; }

    /// <summary>True when a beneficiary who has signed in may call it too, of their own things.</summary>
    public bool Person { get; init; }

    public override void Modify(FieldType fieldType, bool isInputType) => fieldType.Metadata[Key] = this;

    /// <summary>A field's rule; null for one within an object that whoever sees the object sees.</summary>
    internal static AllowAttribute? Find(FieldType field) => field.GetMetadata<AllowAttribute?>(Key);

    /// <summary>A root field's rule.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    internal static AllowAttribute Of(FieldType field) => Find(field) ?? throw new InvalidOperationException($"{field.Name} does not say who may call it.");

    /// <summary>Puts the rule of a field within an object before its resolver.</summary>
    /// <exception cref="InvalidOperationException">It has none, or cannot be answered by nothing.</exception>
    internal static void EnforceWithin(IObjectGraphType type, FieldType field)
    {
        var rule = Find(field) ?? throw new InvalidOperationException($"{type.Name}.{field.Name} reads more than its object holds, and does not say who may read it.");
        if (field.ResolvedType is NonNullGraphType)
        {
            throw new InvalidOperationException($"{type.Name}.{field.Name} is not for all, and can never be answered by nothing.");
        }

        field.Resolver = new GuardedWithin(field.Resolver!, rule);
    }

    /// <summary>Puts a root field's rule before its resolver. Who may not follow is told that there is nothing.</summary>
    /// <param name="payload">What a mutation answers; null for the others.</param>
    internal static void Enforce(FieldType field, Type? payload)
    {
        // The schema has not yet named it as clients write it.
        var (rule, name) = (Of(field), char.ToLowerInvariant(field.Name[0]) + field.Name[1..]);
        if (field.StreamResolver is { } stream)
        {
            field.StreamResolver = new GuardedStream(stream, rule, name);
            return;
        }

        if (NeedsSecondFactorAttribute.Marks(field) && !typeof(ConfirmablePayload).IsAssignableFrom(payload))
        {
            throw new InvalidOperationException($"{field.Name} may need a second factor, and its answer cannot say what to confirm.");
        }

        field.Resolver = new Guarded(field.Resolver!, rule, name, payload, field.Type, NeedsSecondFactorAttribute.Marks(field), MakesAccessAttribute.Marks(field));
    }

    private bool Admits(Caller caller) => caller.Person is not null ? Person : AnyOf is not { } roles || caller.Has(roles);

    private static bool IsNever(Type? nothing) => nothing is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(NonNullGraphType<>);

    private static ExecutionError NotForThis() => new("This key is not for this.") { Code = RefusalCode.Forbidden };

    private sealed class GuardedStream(ISourceStreamResolver stream, AllowAttribute rule, string name) : ISourceStreamResolver
    {
        public ValueTask<IObservable<object?>> ResolveAsync(IResolveFieldContext context)
        {
            var caller = context.RequestServices!.GetRequiredService<Caller>();
            return !rule.Admits(caller) ? throw Live.NotFound()
                : caller.Limits.Allow(name, changes: false) ? stream.ResolveAsync(context)
                : throw NotForThis();
        }
    }

    // What a credential is limited to names root fields: what lies within one comes with it.
    private sealed class GuardedWithin(IFieldResolver resolver, AllowAttribute rule) : IFieldResolver
    {
        public ValueTask<object?> ResolveAsync(IResolveFieldContext context) =>
            rule.Admits(context.RequestServices!.GetRequiredService<Caller>()) ? resolver.ResolveAsync(context) : default;
    }

    private sealed class Guarded(IFieldResolver resolver, AllowAttribute rule, string name, Type? payload, Type? answer, bool secondFactor, bool makesAccess) : IFieldResolver
    {
        public async ValueTask<object?> ResolveAsync(IResolveFieldContext context)
        {
            var services = context.RequestServices!;
            var caller = services.GetRequiredService<Caller>();
            var (has, allowed) = (rule.Admits(caller), caller.Limits.Allow(name, payload is not null));
            if (!has || !allowed)
            {
                return payload is not null ? Refused(services, Principals.Forbidden()) : allowed && !IsNever(answer) ? null : throw NotForThis();
            }

            if (makesAccess && MakesAccessAttribute.Refuse(caller) is { } limited)
            {
                return Refused(services, limited);
            }

            if (secondFactor && await services.GetRequiredService<SecondFactors>().RefuseAsync(caller, (MutationInput)context.Arguments!["input"].Value!, context.CancellationToken) is { } owed)
            {
                var refused = (ConfirmablePayload)Refused(services, owed.Refusal);
                refused.ToConfirm = owed.ToConfirm;
                return refused;
            }

            return await resolver.ResolveAsync(context);
        }

        private object Refused(IServiceProvider services, Refusal refusal)
        {
            services.GetRequiredService<LedgerTelemetry>().Answered(char.ToUpperInvariant(name[0]) + name[1..], refusal.Code, TimeSpan.Zero);
            var refused = (Payload)Activator.CreateInstance(payload!)!;
            refused.UserErrors = [new UserError(refusal.Code, null, refusal.Message)];
            return refused;
        }
    }
}
