using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The schema: every public method of every <see cref="IQueries"/>, <see cref="IMutations"/> and <see cref="ISubscriptions"/> class, found by themselves.</summary>
[DoNotRegister]
public sealed class ApiSchema : Schema
{
    public ApiSchema(IServiceProvider services)
        : base(services)
    {
        RegisterTypeMapping<Id, IdScalar>();
        RegisterTypeMapping<DateTimeOffset, InstantScalar>();
        RegisterTypeMapping<Hash32, HashScalar>();
        RegisterTypeMapping<Address, AddressScalar>();
        RegisterTypeMapping<Signature, SignatureScalar>();
        RegisterTypeMapping<Pin, PinScalar>();
        RegisterTypeMapping<long, Int64StringScalar>();
        RegisterTypeMapping<ulong, UInt64StringScalar>();
        RegisterTypeMapping(typeof(INode), typeof(NodeInterface));
        Query = Root("Query", "What may be asked. What is not there, or not yours to see, is null: the two look alike.", typeof(IQueries));
        Mutation = Root("Mutation", "What may be done. Each needs an idempotency key; a refusal is a value in userErrors.", typeof(IMutations));
        Subscription = Root("Subscription", "What may be followed live. Each event carries a place, from which a later subscription goes on.", typeof(ISubscriptions));
        RegisterVisitor(new FieldRules());
        RegisterVisitor(new Describer());
    }

    /// <summary>True for the name of a query, a mutation or a subscription.</summary>
    internal bool HasRootField(string name) => new[] { Query, Mutation!, Subscription! }.Any(root => root.HasField(name));

    /// <summary>The classes that make up a root type, in order of their names.</summary>
    internal static IEnumerable<Type> RootClasses(Type marker) =>
        typeof(ApiSchema).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(marker)).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private void RegisterTypeMapping<TClr, TScalar>()
        where TScalar : ScalarGraphType => RegisterTypeMapping(typeof(TClr), typeof(TScalar));

    private static ObjectGraphType Root(string name, string description, Type marker)
    {
        var root = new ObjectGraphType { Name = name, Description = description };
        foreach (var feature in RootClasses(marker))
        {
            var fields = (IComplexGraphType)Activator.CreateInstance(typeof(FeatureFields<>).MakeGenericType(feature))!;
            foreach (var field in fields.Fields)
            {
                AllowAttribute.Enforce(field, marker == typeof(IMutations) ? PayloadOf(feature, field) : null);
                root.AddField(field);
            }
        }

        return root;
    }

    private static Type PayloadOf(Type feature, FieldType field) =>
        feature.GetMethod(char.ToUpperInvariant(field.Name[0]) + field.Name[1..])!.ReturnType.GetGenericArguments()[0];

    /// <summary>Fields of a class that is made for each request from its services.</summary>
    [DoNotRegister]
    private sealed class FeatureFields<T> : AutoRegisteringObjectGraphType<T>
        where T : notnull
    {
        protected override LambdaExpression BuildMemberInstanceExpression(MemberInfo memberInfo)
        {
            Expression<Func<IResolveFieldContext, T>> instance = context => context.RequestServices!.GetRequiredService<T>();
            return instance;
        }
    }
}
