#Requires -RunAsAdministrator
#Requires -Version 7.4
<#
.SYNOPSIS
  Unpacks images through the Host Compute Service and compares every layer, and every export, with hcsshim's; mounts scratch layers; attaches a Utility VM's disk.
.DESCRIPTION
  For each image, over its whole chain:
  - 'winlayers unpack', and the same blobs by wclayer of hcsshim, each over its own parents;
  - Files, Hives and UtilityVM of both, file by file: four times, attributes, number of names and which names are one file, and a hash of the backup stream, which is
    security, extended attributes, reparse data, contents and alternate streams (LayerFacts.cs);
  - 'winlayers export' and wclayer's export of every layer with parents: one digest;
  - 'winlayers stage' here and 'winlayers import' of it: the same files once more;
  - a scratch layer in both ways, mounted twice, and what was written is there the second time;
  - 'uvm scratch', and its disk attached: it is a differencing disk, and opens only where its parent is found.
  wclayer hands plain paths to vmcompute, winlayers those with \\?\: that the results are the same says that both are taken.
.PARAMETER Image
  The images; by default nanoserver for this host, and the .NET runtime on it, which has several layers.
.PARAMETER Large
  Servercore too: a base and an update of several GB, full of hard links, removals and changes of the Utility VM.
.NOTES
  Written without a Windows machine at hand: IT HAS NOT BEEN RUN YET. It needs the Containers feature, the .NET SDK of global.json, and git and Go for wclayer.
#>
param(
    [string[]]$Image,
    [switch]$Large,
    [string]$HcsshimVersion = 'v0.13.0',
    [string]$Work = (Join-Path $env:TEMP "winlayers-verify")
)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$tag, $runtimeTag = switch ([Environment]::OSVersion.Version.Build) {
    17763 { 'ltsc2019', '1809' }
    20348 { 'ltsc2022', 'ltsc2022' }
    default { 'ltsc2025', 'ltsc2025' }
}
if (-not $Image) { $Image = "mcr.microsoft.com/windows/nanoserver:$tag", "mcr.microsoft.com/dotnet/runtime:10.0-nanoserver-$runtimeTag" }
if ($Large) { $Image += "mcr.microsoft.com/windows/servercore:$tag" }

function Invoke-Checked {
    # Arrays among the arguments are arguments each.
    $program, $arguments = @($args | ForEach-Object { $_ })
    $arguments = @($arguments)
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { throw "$($args -join ' ') failed with $LASTEXITCODE" }
}
function Assert-That([bool]$fact, [string]$otherwise) { if (-not $fact) { throw $otherwise } }

if (Test-Path -LiteralPath $Work) { throw "$Work is there already: what an earlier run left, remove it first" }
New-Item -ItemType Directory $Work | Out-Null
Add-Type -Path (Join-Path $PSScriptRoot 'LayerFacts.cs')
Invoke-Checked dotnet publish (Join-Path $root 'src/WinLayers.Cli') -c Release -o (Join-Path $Work 'cli')
$winlayers = Join-Path $Work 'cli/winlayers.exe'
$wclayer = Join-Path $Work 'wclayer.exe'
# From its sources: 'go install MODULE@VERSION' refuses a module that replaces others, as hcsshim's does.
$hcsshim = Join-Path $Work 'hcsshim'
Invoke-Checked git -c core.longpaths=true clone --quiet --depth 1 --branch $HcsshimVersion https://github.com/microsoft/hcsshim $hcsshim
Invoke-Checked go -C $hcsshim build -o $wclayer ./cmd/wclayer
$store = Join-Path $Work 'store'

# The lines of LayerFacts without what differs by time and chance, whoever makes the layer.
function Get-Comparable([string[]]$facts, [switch]$AnyLinks) {
    foreach ($fact in $facts) {
        $name = $fact.Substring(0, $fact.IndexOf('|'))
        switch -Regex ($name) {
            # Disks with new identifiers, and boot configuration with the disk's: that they are there.
            '^UtilityVM\\SystemTemplate[^\\]*\.vhdx$' { $fact = $name; break }
            '^UtilityVM\\Files\\EFI\\Microsoft\\Boot\\BCD[^\\]*$' { $fact = $name; break }
            # Processing makes files in these folders, and the hives.
            '^(Files|Hives|UtilityVM|UtilityVM\\Files|UtilityVM\\Files\\EFI\\Microsoft\\Boot|Hives\\.*)$' { $fact = $fact -replace '\|(creation|access|write|change) \d+', ''; break }
        }
        # Each further name, also of a layer above, changes the time of change; an export reads what all names share.
        if ($fact -match '\|links (\d+)\|' -and [int]$Matches[1] -gt 1) { $fact = $fact -replace '\|change \d+', '' }
        if ($AnyLinks -and $fact -match '\|links (\d+)\|') {
            if ([int]$Matches[1] -gt 1) { $fact = $fact -replace '\|access \d+', '' }
            $fact = $fact -replace '\|links \d+\|', '|'
        }
        $fact
    }
}

# What only one of them has, with whose it is.
function Get-Differences([string[]]$ours, [string[]]$theirs) {
    $onlyTheirs = [System.Collections.Generic.HashSet[string]]::new($theirs)
    $onlyTheirs.ExceptWith($ours)
    $onlyOurs = [System.Collections.Generic.HashSet[string]]::new($ours)
    $onlyOurs.ExceptWith($theirs)
    $onlyTheirs | ForEach-Object { "hcsshim: $_" }
    $onlyOurs | ForEach-Object { "ours:    $_" }
}

function Compare-Layers([string[]]$ours, [string[]]$theirs, [string]$what, [switch]$AnyLinks) {
    Assert-That ($theirs.Count -gt 1) "${what}: hcsshim's layer has no files"
    $difference = @(Get-Differences @(Get-Comparable $ours -AnyLinks:$AnyLinks) @(Get-Comparable $theirs -AnyLinks:$AnyLinks))
    if ($difference.Count -eq 0) { return "the same: $what, $($theirs.Count) files" }
    $difference | Sort-Object { $_.Substring(9) } | Select-Object -First 100 | Out-Host
    throw "$what`: $($difference.Count) differences"
}

# The layers' folders as options, nearest first.
function Get-Parents([string[]]$folders, [string]$option) { foreach ($folder in $folders) { $option; $folder } }

function Test-Scratch([string[]]$chain, [string[]]$how) {
    $scratch = Join-Path $Work "scratch$($how -join '')"
    $mount = (Invoke-Checked $winlayers scratch create $scratch @how @(Get-Parents $chain '--parent') --json) | ConvertFrom-Json
    try {
        Assert-That ([IO.File]::Exists($mount.mountPath + 'Windows\System32\ntdll.dll')) 'the mounted volume has no ntdll.dll'
        [IO.File]::WriteAllText($mount.mountPath + 'hello.txt', 'hello')
        Invoke-Checked $winlayers scratch unmount $scratch
        $mount = (Invoke-Checked $winlayers scratch mount $scratch --json) | ConvertFrom-Json
        Assert-That ([IO.File]::ReadAllText($mount.mountPath + 'hello.txt') -eq 'hello') 'what was written is gone after a second mount'
    }
    finally { Invoke-Checked $winlayers scratch remove $scratch }
    Assert-That (-not (Test-Path -LiteralPath $scratch)) 'the scratch layer is still there'
}

function Test-UtilityVm([string[]]$chain) {
    $located = & $winlayers uvm locate @(Get-Parents $chain '--parent') 2>&1
    if ($LASTEXITCODE -ne 0) {
        Assert-That ("$located" -match 'WCL6004') "uvm locate: $located"
        return 'NOT VERIFIED: the image has no Utility VM'
    }
    $vm = Join-Path $Work 'vm'
    $disk = Invoke-Checked $winlayers uvm scratch $vm ([guid]::NewGuid()) @(Get-Parents $chain '--parent')
    $attached = Mount-DiskImage -ImagePath $disk -Access ReadOnly -NoDriveLetter -PassThru
    try { Assert-That ($attached | Get-DiskImage).Attached 'the disk of the Utility VM does not attach' }
    finally { Dismount-DiskImage -ImagePath $disk | Out-Null }
    Remove-Item -Recurse -LiteralPath $vm
    'the disk of a Utility VM attaches'
}

$removeLast = [System.Collections.Generic.List[string]]::new()
foreach ($name in $Image) {
    Write-Host "== $name"
    $unpacked = (Invoke-Checked $winlayers unpack $name --store $store --json --quiet) | ConvertFrom-Json
    $layers = @($unpacked.chain)
    $chain = @($layers | ForEach-Object path)
    $theirs = @($layers | ForEach-Object { Join-Path $Work 'reference' (Split-Path -Leaf $_.path) })

    # Base first: the last of the chain. All of it before anything is compared: a link into a layer below gives that layer's file one name more.
    for ($i = $layers.Count - 1; $i -ge 0; $i--) {
        if (Test-Path -LiteralPath $theirs[$i]) { continue }
        $blob = Join-Path $store ('blobs/' + $layers[$i].digest.Replace(':', '/'))
        Invoke-Checked $wclayer import -i $blob @(Get-Parents @($theirs | Select-Object -Skip ($i + 1)) '-l') $theirs[$i]
        $removeLast.Insert(0, $theirs[$i])
    }

    # All facts before anything else reads the files: an export may change their access times.
    $ourFacts = @($chain | ForEach-Object { , [LayerFacts]::Read($_) })
    $theirFacts = @($theirs | ForEach-Object { , [LayerFacts]::Read($_) })

    for ($i = $layers.Count - 1; $i -ge 0; $i--) {
        $below = @($chain | Select-Object -Skip ($i + 1))
        $theirParents = @($theirs | Select-Object -Skip ($i + 1))
        $blob = Join-Path $store ('blobs/' + $layers[$i].digest.Replace(':', '/'))
        Write-Host "layer $i`: $(Compare-Layers $ourFacts[$i] $theirFacts[$i] 'files')"
        if ($below.Count -eq 0) { continue }

        $tar = Join-Path $Work "ours.$i.tar"
        $exported = (Invoke-Checked $winlayers export $chain[$i] $tar @(Get-Parents $below '--parent') --json --quiet) | ConvertFrom-Json
        $theirTar = Join-Path $Work "theirs.$i.tar"
        Invoke-Checked $wclayer export -o $theirTar @(Get-Parents $theirParents '-l') $theirs[$i]
        $expected = 'sha256:' + (Get-FileHash -LiteralPath $theirTar).Hash.ToLowerInvariant()
        Assert-That ($exported.diffId -eq $expected) "the export of layer $i is $($exported.diffId), hcsshim's is $expected; see $tar and $theirTar"
        Write-Host "layer $i`: the same export, $expected; the image's own tar is $($layers[$i].diffId)"
        Remove-Item -LiteralPath $tar, $theirTar

        $staged = Join-Path $Work "staged.$i"
        $imported = Join-Path $Work 'imported' (Split-Path -Leaf $chain[$i])
        Invoke-Checked $winlayers stage $blob $staged @(Get-Parents $below '--parent') | Out-Null
        Invoke-Checked $winlayers import $staged $imported @(Get-Parents $below '--parent') | Out-Null
        Write-Host "layer $i`: $(Compare-Layers ([LayerFacts]::Read($imported)) $theirFacts[$i] 'files, staged and imported' -AnyLinks)"
        Invoke-Checked $winlayers destroy $imported
        [IO.Directory]::Delete("\\?\$staged", $true)
        Remove-Item "$staged.*"
    }

    Test-Scratch $chain @()
    Write-Host 'a scratch layer mounts twice'
    if ([Environment]::OSVersion.Version.Build -ge 17763) {
        Test-Scratch $chain @('--storage-filter')
        Write-Host 'a scratch layer of the storage filter mounts twice'
    }
    Write-Host (Test-UtilityVm $chain)
}

foreach ($layer in $removeLast) { Invoke-Checked $wclayer remove $layer }
Write-Host 'The same as hcsshim.'
