using GraphQL;
using GraphQL.Execution;
using GraphQLParser.AST;
using Humanitarian.Domain;
using Humanitarian.Storage;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.GraphQL;

/// <summary>What of an error leaves the house: no suggestions of names, no exception's type or text, a code and a correlation id.</summary>
internal sealed partial class ErrorMask(ILogger<ErrorMask> log) : ErrorInfoProvider(options =>
{
    options.ExposeExceptionDetails = false;
    options.ExposeCodes = false;
    options.ExposeData = false;
})
{
    public override ErrorInfo GetInfo(ExecutionError executionError)
    {
        var info = base.GetInfo(executionError);
        var suggestion = info.Message?.IndexOf(" Did you mean ", StringComparison.Ordinal) ?? -1;
        if (suggestion >= 0)
        {
            info.Message = info.Message![..suggestion];
        }

        return info;
    }

    /// <summary>Logs a fault under a new correlation id, which is all that the client learns of it.</summary>
    public void Mask(UnhandledExceptionContext fault)
    {
        // A subscription's source ends with the latter; elsewhere it does not come here.
        if (fault.OriginalException is OperationCanceledException or ExecutionError)
        {
            return;
        }

        var id = Log(fault.OriginalException);
        fault.Exception = Passing.Is(fault.OriginalException)
            ? new ExecutionError("The ledger is moving to another server; ask again in a second, a mutation with the same idempotency key.")
            {
                Code = fault.Context?.Operation.Operation == OperationType.Mutation ? RefusalCode.Unknown : RefusalCode.Retry,
            }
            : new ExecutionError($"The request failed; the operator finds it in the log under {id}.")
            {
                Code = (fault.OriginalException as StorageFault)?.Code ?? ApiCode.Internal,
            };
        fault.ErrorMessage = fault.Exception.Message;
    }

    /// <summary>Logs a fault under a new correlation id.</summary>
    public string Log(Exception fault)
    {
        var id = System.Diagnostics.ActivityTraceId.CreateRandom().ToHexString();
        LogFault(log, fault, id);
        return id;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed ({CorrelationId}).")]
    private static partial void LogFault(ILogger log, Exception fault, string correlationId);
}
