#Requires -RunAsAdministrator
<#
.SYNOPSIS
  Pulls nanoserver for this host, unpacks it through the Host Compute Service, mounts a scratch layer and compares the layer with hcsshim's.
.NOTES
  Written without a Windows machine at hand: it has not been run yet. It needs the Containers feature, the .NET SDK of global.json, and Go for wclayer.
#>
param(
    [string]$Image,
    [string]$Work = (Join-Path $env:TEMP "winlayers-verify")
)
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
if (-not $Image) {
    $tag = switch ([Environment]::OSVersion.Version.Build) { 17763 { 'ltsc2019' } 20348 { 'ltsc2022' } default { 'ltsc2025' } }
    $Image = "mcr.microsoft.com/windows/nanoserver:$tag"
}
function Invoke-Checked { & $args[0] $args[1..($args.Count - 1)]; if ($LASTEXITCODE -ne 0) { throw "$($args -join ' ') failed with $LASTEXITCODE" } }

New-Item -ItemType Directory -Force $Work | Out-Null
Invoke-Checked dotnet publish (Join-Path $root 'src/WinLayers.Cli') -c Release -o (Join-Path $Work 'cli')
$winlayers = Join-Path $Work 'cli/winlayers.exe'
$store = Join-Path $Work 'store'

Write-Host "== unpack $Image"
$unpacked = (Invoke-Checked $winlayers unpack $Image --store $store --json) | ConvertFrom-Json
$chain = @($unpacked.chain | ForEach-Object path)
foreach ($layer in $chain) {
    foreach ($name in 'Files', 'blank.vhdx', 'layerchain.json') {
        if ($name -eq 'blank.vhdx' -and $layer -ne $chain[-1]) { continue }
        if (-not (Test-Path (Join-Path $layer $name))) { throw "$layer has no $name" }
    }
}

Write-Host '== scratch layer'
$scratch = Join-Path $Work 'scratch'
$parents = $chain | ForEach-Object { '--parent', $_ }
$mount = (Invoke-Checked $winlayers scratch create $scratch @parents --json) | ConvertFrom-Json
try {
    if (-not (Test-Path -LiteralPath (Join-Path $mount.mountPath 'Windows\System32\ntdll.dll'))) { throw "the mounted volume has no ntdll.dll" }
    Set-Content -LiteralPath (Join-Path $mount.mountPath 'hello.txt') 'hello'
}
finally { Invoke-Checked $winlayers scratch remove $scratch }
if (Test-Path $scratch) { throw 'the scratch layer is still there' }

Write-Host '== the same layer by hcsshim'
$env:GOBIN = Join-Path $Work 'go'
Invoke-Checked go install github.com/Microsoft/hcsshim/cmd/wclayer@latest
$base = $unpacked.chain[-1]
$blob = Join-Path $store ('blobs/' + $base.digest.Replace(':', '/'))
$reference = Join-Path $Work 'reference'
Invoke-Checked (Join-Path $Work 'go/wclayer.exe') import -i $blob $reference

# Names, attributes, times, sizes, security and contents of every file of both.
function Get-Facts([string]$folder) {
    $files = Join-Path $folder 'Files'
    Get-ChildItem -LiteralPath "\\?\$files" -Recurse -Force | ForEach-Object {
        $hash = if ($_.PSIsContainer -or $_.LinkType) { '' } else { (Get-FileHash -LiteralPath $_.FullName).Hash }
        '{0}|{1}|{2}|{3}|{4}|{5}' -f $_.FullName.Substring($_.FullName.IndexOf('\Files\')), [int]$_.Attributes, $_.CreationTimeUtc.Ticks, $_.LastWriteTimeUtc.Ticks,
            (Get-Acl -LiteralPath $_.FullName).Sddl, $hash
    } | Sort-Object
}
$difference = Compare-Object (Get-Facts $base.path) (Get-Facts $reference)
Invoke-Checked (Join-Path $Work 'go/wclayer.exe') remove $reference
if ($difference) { $difference | Select-Object -First 50 | Format-Table -AutoSize -Wrap; throw "$($difference.Count) differences from hcsshim" }
Write-Host 'The same as hcsshim.'
