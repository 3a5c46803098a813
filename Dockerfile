FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig appsettings.json ./
COPY src src
COPY samples samples
RUN dotnet publish src/Humanitarian.Host/Humanitarian.Host.csproj -c Release -o /app --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends libsecp256k1-2 \
    || apt-get install -y --no-install-recommends libsecp256k1-1 || true; \
    rm -rf /var/lib/apt/lists/*; \
    mkdir -p /ledger/data /ledger/keys && chown -R "$APP_UID" /ledger && chmod 700 /ledger/data /ledger/keys
COPY --from=build /app /app
USER $APP_UID
WORKDIR /ledger
ENV HUMANITARIAN__Api__Url=http://0.0.0.0:5080
VOLUME ["/ledger/data", "/ledger/keys"]
EXPOSE 5080
ENTRYPOINT ["dotnet", "/app/Humanitarian.Host.dll"]
CMD ["serve"]
