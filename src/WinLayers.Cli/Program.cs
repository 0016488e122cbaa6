Console.WriteLine("winlayers"); return 0;
