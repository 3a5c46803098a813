using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Types;
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
        RegisterTypeMapping<Hash32, HashScalar>();
        RegisterTypeMapping<Address, AddressScalar>();
        RegisterTypeMapping<Signature, SignatureScalar>();
        RegisterTypeMapping<long, Int64StringScalar>();
        RegisterTypeMapping<ulong, UInt64StringScalar>();
        Query = Root("Query", typeof(IQueries));
        Mutation = Root("Mutation", typeof(IMutations));
        Subscription = Root("Subscription", typeof(ISubscriptions));
    }

    /// <summary>The classes that make up a root type, in order of their names.</summary>
    internal static IEnumerable<Type> RootClasses(Type marker) =>
        typeof(ApiSchema).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(marker)).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private void RegisterTypeMapping<TClr, TScalar>()
        where TScalar : ScalarGraphType => RegisterTypeMapping(typeof(TClr), typeof(TScalar));

    private static ObjectGraphType Root(string name, Type marker)
    {
        var root = new ObjectGraphType { Name = name };
        foreach (var feature in RootClasses(marker))
        {
            var fields = (IComplexGraphType)Activator.CreateInstance(typeof(FeatureFields<>).MakeGenericType(feature))!;
            foreach (var field in fields.Fields)
            {
                root.AddField(field);
            }
        }

        return root;
    }

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
