namespace Actors.Server.Api;

/// <summary>A request is answered with this status and error object.</summary>
internal sealed class ApiException(int status, string code, string message, string? param = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Param { get; } = param;

    /// <summary>Seconds after which the caller may try again, if that helps.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static ApiException Invalid(string message, string? param = null, string code = "invalid_value") => new(400, code, message, param);

    public static ApiException Unsupported(string feature, string param) =>
        new(400, "unsupported_parameter", $"{feature} is not supported by this server. Leave '{param}' out.", param);

    public ErrorBody ToBody() => new(new ErrorDetail(Message, TypeOf(Status), Param, Code));

    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 or 421 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
